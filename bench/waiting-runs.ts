/**
 * How are thousands of runs made to wait at their plan gate, quickly?
 * Straight through the ledger's own door, many per transaction: every fact, hash and row is real; only HTTP and the runner are left out.
 */
import { randomBytes } from 'node:crypto'
import { bodyDigests } from '@viewportai/core/digest/body'
import { idFrom } from '@viewportai/core/ids'
import type { Report } from '@viewportai/core/wire/messages'
import type { RunSpec } from '@viewportai/core/run/spec'
import { actMany, type Ask } from '@viewportai/viewport/src/ledger/act.ts'
import { compiledWorkflow, type Place } from './place.ts'

type Workflow = ReturnType<typeof compiledWorkflow>
const isolation = { level: 'none', processes: 'sweep', modelGateway: false, gitGateway: true, network: 'open' } as const
const usage = { inputTokens: 1_000, outputTokens: 50, cachedTokens: 0, usdMicros: 4_000, source: 'agent' } as const

/** The spec of one run of the bench's workflow, which is compiled once for all of them. */
const specOf = (place: Place, { compiled, digest }: Workflow, n: number): RunSpec => ({
  language: 1,
  workflow: { id: 'wf_bench', version: 1, name: compiled.name, digest, compiled },
  event: {
    tool: 'manual',
    event: 'requested',
    id: `bench-${n}`,
    at: 1,
    actor: { id: place.people.sam, name: 'sam', trust: 'member', person: place.people.sam, teams: ['payments'] },
    subject: { label: `BUG-${n}`, title: `Prices of order ${n} are rounded twice`, url: null },
    fields: {},
    text: 'The total is one cent too high.'.repeat(20),
    outsideText: false,
  },
  inputs: {},
  pins: {
    repos: [{ name: 'acme/shop', url: 'file:///nowhere/shop.git', ref: 'refs/heads/main', commit: null }],
    agents: { plan: 'sample', implement: 'sample' },
    people: { payments: Object.values(place.people) },
    pool: 'local',
  },
  requester: { person: place.people.sam, actor: place.people.sam, name: '@sam' },
  bodies: 'edge',
  branch: `refs/heads/vp/bug-${n}`,
  sample: false,
})

/** Makes `count` runs wait at their plan gate; they stay with this runner. Returns run and gate ids and how long the ledger took per run (ms). */
export const makeWaiting = async (
  place: Place,
  count: number,
  from = 0,
  runnerId = 'rnr_bench',
): Promise<{ gates: { run: string; gate: string; digest: string }[]; millisPerRun: number }> => {
  const gates: { run: string; gate: string; digest: string }[] = []
  const workflow = compiledWorkflow()
  const began = performance.now()
  const batch = 50
  const body = {
    ...bodyDigests(Buffer.from('1. Read\n2. Fix\n3. Test')),
    kind: 'plan',
    media: 'text/markdown',
    home: 'edge',
  } as const
  const report = (run: string, one: Report): Ask => ({
    run,
    command: {
      do: 'report',
      by: { kind: 'runner', id: runnerId, name: 'bench' },
      step: 'plan',
      attempt: 1,
      epoch: 1,
      report: one,
    },
  })
  for (let at = 0; at < count; at += batch) {
    const asks: Ask[] = []
    for (let n = at; n < Math.min(count, at + batch); n++) {
      const run = idFrom('run', randomBytes(13))
      asks.push({
        run,
        command: {
          do: 'start',
          by: { kind: 'system' },
          spec: specOf(place, workflow, from + n),
          delivery: null,
          tainted: false,
        },
      })
      asks.push(
        report(run, {
          type: 'started',
          agent: { name: 'sample', version: '1', tested: true },
          isolation,
          resumed: false,
        }),
      )
      asks.push(
        report(run, {
          type: 'finished',
          result: { kind: 'plan', body, files: ['src/price.js'], steps: 3, title: null },
          usage,
          log: null,
          session: null,
          millis: 900,
        }),
      )
    }
    for (const acted of await actMany(place.db, place.workspace, asks)) {
      if (acted.refusal) throw new Error(acted.refusal.words)
      for (const fact of acted.facts)
        if (fact.type === 'gate.opened') gates.push({ run: acted.run, gate: fact.data.gate, digest: fact.data.digest })
    }
  }
  return { gates, millisPerRun: (performance.now() - began) / count }
}
