// One run of a seed, from its start to its end, and whether everything held that must hold.
import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Json } from '../../testing/api.ts'
import type { Conductor, Under } from './conductor.ts'
import type { Ground } from './ground.ts'
import { lookAt, type Sample } from './invariants.ts'
import { planOf, type Choice, type Plan } from './plan.ts'

/** `broke`: what did not hold, in words; empty when all is well. */
export type Played = {
  seed: number
  plan: Plan
  number: number
  fell: string[]
  broke: string[]
  millis: number
  asked: number
  attempts: number
}

const patience = 300_000

/** What the run waits for, and what passed last between its runner and the control plane: seconds ago sent, answered, with what. */
const whereItIs = async (ground: Ground, { number, run }: Under): Promise<string> => {
  const view = await ground.ask('GET', `/api/runs/${number}`)
  const now = performance.now()
  const ago = (at: number): string => (at === Infinity ? 'never' : ((now - at) / 1_000).toFixed(1))
  const x = ground.proxy.passed.findLast((one) => one.run === run || one.said['run'] === run)?.x
  const last = ground.proxy.passed.filter((one) => one.x === x).slice(-12)
  return `${JSON.stringify(view['state'])} ${view['why'] ?? ''} ${JSON.stringify(view['unfit'])}; ${ground.runners.find((one) => one.x === x)?.name}: ${last
    .map((one) => `${one.what} ${ago(one.sent)} ${ago(one.at)} ${one.status}`)
    .join(', ')}`
}

export type Player = {
  play(seed: number, choice: Choice): Promise<Played>
  stop(): void
}

/** Plays runs on a ground; several at once. Everything that is asked is answered for them: yes, and again. */
export function playerOn(ground: Ground, conductor: Conductor): Player {
  const ended = new Set<string>()
  const questions = new Map<string, number>()
  const samples = new Map<string, Sample[]>()
  const active = new Map<string, Under>()
  let over = false
  let choosing: Promise<unknown> = Promise.resolve()
  let bodies: string | null = null

  /** With the bodies where the plan wants them; a workspace has one choice at a time. */
  const begin = (plan: Plan, mark: string): Promise<Json> => {
    const mine = choosing.then(async () => {
      if (bodies !== plan.bodies) await ground.ask('PUT', '/api/workspace', { bodies: plan.bodies })
      bodies = plan.bodies
      const title = `${mark} waits ${plan.waits} lines ${plan.lines} strays ${plan.strays ? 1 : 0}`
      return ground.ask('POST', '/api/runs', {
        workflow: `${plan.workflow}-${plan.way}-${plan.agent}`,
        title,
        request: mark,
      })
    })
    choosing = mine.catch(() => {})
    return mine
  }

  const look = async (): Promise<void> => {
    const { open } = await ground.ask('GET', '/api/inbox?limit=100')
    await Promise.all((open as Json[]).filter(({ run }) => active.has(run)).map(decide))
    const { rows } = await ground.ask('GET', '/api/runs?limit=200')
    for (const { run, group } of rows as Json[]) if (group === 'finished') ended.add(run)
  }
  const decide = async ({ gate, run, number }: Json): Promise<void> => {
    const card = await ground.ask('GET', `/api/gates/${gate}`)
    if (card['state'] !== 'open') return
    if (card['kind'] === 'change') samples.get(run)?.push(...(await sampleOf(number)))
    const ids: string[] = card['kind'] === 'question' ? card['subject'].choices.map(({ id }: Json) => id) : []
    if (ids.length > 0) questions.set(run, (questions.get(run) ?? 0) + 1)
    const choice = ids.includes('again') ? 'again' : ids[0]
    const answer = choice === undefined ? { verdict: 'approve' } : { verdict: 'answer', answer: { choice, text: null } }
    await ground.ask('POST', `/api/gates/${gate}/decisions`, { ...answer, digest: card['digest'] }).catch(() => {}) // closed meanwhile: the next look tells
  }
  /** What the control plane holds of a log before the run has ended. */
  const sampleOf = async (number: number): Promise<Sample[]> => {
    const bytes = await ground.bytes(`/api/runs/${number}/steps/mend/log?attempt=1`).catch(() => null)
    return bytes === null ? [] : [{ step: 'mend', attempt: 1, bytes }]
  }
  const looking = (async () => {
    while (!over) {
      await look().catch(() => {}) // down: the next look tells
      await sleep(150)
    }
  })()

  return {
    async play(seed, choice) {
      const plan = planOf(seed, choice)
      const mark = `CASE-${seed}-${randomBytes(3).toString('hex')}`
      const began = performance.now()
      const { run, number } = (await begin(plan, mark)) as { run: string; number: number }
      const under: Under = { run, number, mark, plan, fell: [] }
      active.set(run, under)
      samples.set(run, [])
      conductor.begin(under)
      const broke: string[] = []
      while (!ended.has(run) && broke.length === 0) {
        if (performance.now() - began > patience)
          broke.push(`the run did not end within ${patience / 1_000} s: ${await whereItIs(ground, under)}`)
        if ((questions.get(run) ?? 0) > 15) broke.push('more than 15 questions were asked')
        await sleep(30)
      }
      conductor.end(run)
      const looked = await lookAt(ground, under, samples.get(run)!)
      active.delete(run)
      return {
        seed,
        plan,
        number,
        fell: under.fell,
        broke: [...broke, ...looked.broke],
        millis: Math.round(performance.now() - began),
        asked: questions.get(run) ?? 0,
        attempts: looked.attempts,
      }
    },
    stop() {
      over = true
      void looking
    },
  }
}
