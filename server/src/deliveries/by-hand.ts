/**
 * How does a person start a workflow?
 * As an event like any other: it leaves a delivery with its report, and the workflow says who may. The same request id starts once.
 */
import { causeOf, type Cause } from '@viewportai/core/event/cause'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { readInputs, type InputsRead } from '@viewportai/core/match/inputs'
import { match } from '@viewportai/core/match/match'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import { invalidInput, Refused } from '../http/problem.ts'
import { repeatedly } from '../ledger/act.ts'
import type { Asker } from '../sign-in/asker.ts'
import { versionOf, type StoredVersion } from '../workflows/read.ts'
import { missingWords, readiness } from '../workflows/readiness.ts'
import { readWorld } from '../workflows/world.ts'
import { entryOf, handlesOf } from './entries.ts'
import { startIn } from './start.ts'
import { finishAll } from './verdict.ts'
import type { Via } from '@viewportai/core/run/facts'
import type { z } from 'zod'

type ByHand = {
  readonly workflow: string
  readonly title: string
  readonly text: string
  readonly inputs: Readonly<Record<string, string | number | boolean>>
  readonly request: string | null
  /** The header of the webhook that a program answers. */
  readonly cause: string | null
  /** From where it is asked. */
  readonly surface: z.infer<typeof Via>['surface']
}
type StartedByHand = { run: string; number: number; delivery: string }

/** Starts a run now or says why not; nothing is left waiting. */
export const startByHand = (db: Database, asker: Asker, asked: ByHand): Promise<StartedByHand | Refusal> =>
  repeatedly(() => inWorkspace(db, asker.workspace, (tx) => startIt(tx, asker, asked)))

const startIt = async (
  tx: Tx,
  asker: Asker,
  { workflow, title, text, inputs: given, request, cause, surface }: ByHand,
): Promise<StartedByHand | Refusal> => {
  const stored = await versionOf(tx, workflow)
  if (!stored) return refuse('not_found', { what: 'workflow', id: workflow })
  if (!stored.enabled) return refuse('not_enabled', { workflow })
  const trigger = triggerFor(stored, surface)
  if (trigger < 0)
    return refuse('run_spec_invalid', {
      why: `${workflow} has no manual trigger; add \`- manual\` to its triggers to start it by hand`,
    })
  const { inputs: declared } = stored.compiled.triggers[trigger]!
  const read = readInputs(declared, given)
  if (!read.ok) throw wrongInputs(read.errors, Object.keys(declared))
  const { inputs } = read
  const delivery = freshId('dlv')
  const providerId = `${asker.person}:${request ?? delivery}`
  await tx.query(
    `insert into vp.deliveries (workspace, delivery, source, provider_id, tool) values ($1, $2, 'manual', $3, 'manual') on conflict (workspace, source, provider_id) do update set repeats = vp.deliveries.repeats + 1`,
    [tx.workspace, delivery, providerId],
  )
  const before = await startedBefore(tx, providerId, delivery)
  if (before) return before
  const world = await readWorld(tx)
  const { missing } = readiness(stored.compiled, world)
  if (missing.length > 0)
    throw new Refused(refuse('not_ready', { workflow, missing: missingWords(missing), list: missing }))
  const event = eventBy(asker, stored.compiled.triggers[trigger]!.tool, {
    delivery,
    title: title.toWellFormed(),
    text: text.toWellFormed(),
    cause: causeOf(cause),
    at: (await tx.query<{ now: number }>('select vp.now_ms() as now')).rows[0]!.now,
  })
  const report = match(event, [entryOf(stored)], handlesOf(world.people), inputs)
  const answer = report.answers[0]!
  if (answer.outcome !== 'starts')
    throw new Refused(refuse('not_allowed', { who: `@${asker.handle}`, why: answer.why }))
  const started = await startIn(tx, [{ delivery, event, stored, trigger, inputs }], world, false)
  const first = started[0]!
  if (first.state === 'refused') throw new Refused(first.refusal)
  if (first.state !== 'started')
    throw new Refused(refuse('limit_reached', { workflow, limit: stored.compiled.concurrency!.limit }))
  finishAll(tx, [{ delivery, event, report, started }])
  return { run: first.run, number: first.number, delivery }
}

/** Every one that is wrong, at once. */
const wrongInputs = (errors: Extract<InputsRead, { ok: false }>['errors'], declared: readonly string[]): Refused =>
  invalidInput(
    errors.map(({ input, why, nearest }) => ({
      path: `body.inputs.${input}`,
      message: nearest
        ? `${why}; did you mean ${nearest}?`
        : declared.includes(input)
          ? why
          : `${why}; there are ${declared.join(', ') || 'none'}`,
    })),
  )

/** A program is held to the trigger made for programs, where there is one; people, in the web app and at the command line, to the manual one. */
const triggerFor = ({ compiled }: StoredVersion, surface: ByHand['surface']): number => {
  const find = (tool: string): number => compiled.triggers.findIndex((trigger) => trigger.tool === tool)
  if (surface === 'web') return find('manual')
  const [own, other] = surface === 'api' ? [find('api'), find('manual')] : [find('manual'), find('api')]
  return own >= 0 ? own : other
}

const startedBefore = async (tx: Tx, providerId: string, own: string): Promise<StartedByHand | null> =>
  (
    await tx.query<StartedByHand>(
      `select n.run, n.number, d.delivery from vp.deliveries d join vp.runs n on n.workspace = $1 and n.run = d.runs[1] where d.workspace = $1 and d.source = 'manual' and d.provider_id = $2 and d.delivery <> $3`,
      [tx.workspace, providerId, own],
    )
  ).rows[0] ?? null

const eventBy = (
  asker: Asker,
  tool: string,
  {
    delivery,
    title,
    text,
    at,
    cause,
  }: { delivery: string; title: string; text: string; at: number; cause: Cause | null },
): TriggerEvent => ({
  tool,
  event: 'requested',
  id: delivery,
  at,
  actor: { id: asker.person, name: asker.name, trust: 'member', person: asker.person, teams: asker.teams },
  subject: { label: `@${asker.handle}`, title, url: null },
  fields: {},
  text,
  outsideText: false,
  ...(cause && { cause }),
})
