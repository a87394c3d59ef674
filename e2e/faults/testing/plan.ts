// Which run does a seed stand for, and what befalls it?
import { chanceOf, type Chance } from './chance.ts'
import { lineFaults, type LineFault } from './line.ts'
import { carriedOut, unsent, type WireFault } from './wire-faults.ts'

/** A moment on the run's way, seen from between its runner and the control plane: the n-th of its name. */
export type Moment = { moment: string; side: 'before' | 'after'; nth: number }
/**
 * What happens then. `wire`: this request and the next ones like it go wrong. `part`: the runner and the control plane are apart.
 * `line`: the way to the runner's relay goes wrong. `kill` is SIGKILL, `stop` is SIGSTOP and after a while SIGCONT; `clock` moves what a program takes for the time; `disk` fills the runner's.
 */
export type Deed =
  | { kind: 'wire'; fault: WireFault; times: number }
  | { kind: 'part'; way: 'both' | 'to' | 'from'; millis: number; everybody: boolean }
  | { kind: 'line'; fault: LineFault; millis: number }
  | { kind: 'kill'; whom: 'runner' | 'agent' | 'server' | 'database' | 'relay'; millis: number }
  | { kind: 'stop'; whom: 'runner' | 'agent' | 'server' | 'relay'; millis: number }
  | { kind: 'clock'; whom: 'runner' | 'server'; seconds: number }
  | { kind: 'disk'; millis: number }
  | { kind: 'cancel' }
export type Blow = Moment & { deed: Deed }
export type Plan = {
  seed: number
  workflow: 'edit' | 'plan'
  /** Who works: a program of the harness, or a real agent whose model is played. */
  agent: Agent
  /** How its runner reaches the control plane. */
  way: Way
  bodies: 'stored' | 'edge'
  /** What the agent does: seconds it works, lines it says, whether it leaves a program behind. */
  waits: number
  lines: number
  strays: boolean
  blows: Blow[]
}

export type Way = 'polling' | 'relay'
export const agents = ['hand', 'claude', 'codex'] as const
export type Agent = (typeof agents)[number]
/** `way`: this one whatever the seed says. `real`: of a hundred runs so many have a real agent. */
export type Choice = { way?: Way | undefined; real?: number }

/** Lease time of the harness, which is the shortest there is. */
export const leaseMillis = 5_000

export function planOf(seed: number, { way: wanted, real = 0 }: Choice = {}): Plan {
  // By draws of its own: what else befalls a run is the same as before there was a choice.
  const way = wanted ?? (chanceOf(seed ^ 0x5e1a7).percent(30) ? 'relay' : 'polling')
  const whose = chanceOf(seed ^ 0xa6e7)
  const agent = whose.percent(real) ? whose.pick(['claude', 'codex'] as const) : 'hand'
  const chance = chanceOf(seed)
  const workflow = chance.percent(25) && agent === 'hand' ? 'plan' : 'edit'
  const blows = Array.from(
    {
      length: chance.weighted([
        [50, 1],
        [35, 2],
        [15, 3],
      ]),
    },
    () => (way === 'relay' ? blowByRelay(chance, workflow) : blowOf(chance, workflow)),
  )
  const agentIsNeeded = blows.some(({ deed }) => 'whom' in deed && deed.whom === 'agent')
  return {
    seed,
    workflow,
    agent,
    way,
    bodies: chance.percent(75) ? 'stored' : 'edge',
    waits: agentIsNeeded
      ? 1.5
      : way === 'relay'
        ? chance.whole(2, 25) / 10
        : chance.weighted([
            [72, chance.whole(0, 30) / 100],
            [24, chance.whole(8, 20) / 10],
            [4, chance.whole(6, 8)],
          ]),
    lines: chance.weighted([
      [70, chance.whole(1, 50)],
      [25, chance.whole(500, 3_000)],
      [5, 8_000],
    ]),
    strays: chance.percent(30),
    blows,
  }
}

const blowOf = (chance: Chance, workflow: Plan['workflow']): Blow => {
  const deed = deedOf(chance)
  return { ...momentFor(chance, deed, workflow), deed }
}

/** What passes is sealed, so no single message goes wrong: the relay does, or the way to it, or what both ends are. */
const blowByRelay = (chance: Chance, workflow: Plan['workflow']): Blow => {
  const deed: Deed = chance.percent(60)
    ? chance.weighted<() => Deed>([
        [25, () => ({ kind: 'kill', whom: 'relay', millis: chance.whole(0, 4_000) })],
        [15, () => ({ kind: 'stop', whom: 'relay', millis: chance.whole(300, 2 * leaseMillis) })],
        [60, () => ({ kind: 'line', fault: chance.pick(lineFaults), millis: chance.whole(300, 2 * leaseMillis) })],
      ])()
    : deedOf(chance)
  const { moment, nth } = momentFor(chance, deed.kind === 'wire' ? { kind: 'cancel' } : deed, workflow)
  return { moment, nth, side: 'after', deed }
}

const deedOf = (chance: Chance): Deed => {
  const kind = chance.weighted([
    [58, 'wire'],
    [13, 'part'],
    [11, 'kill'],
    [8, 'stop'],
    [4, 'clock'],
    [3, 'disk'],
    [3, 'cancel'],
  ] as const)
  switch (kind) {
    case 'wire': {
      const rare = chance.percent(20) // what is found out only after the longest time limits
      const fault = chance.pick([...unsent, ...carriedOut].filter((one) => rare || !one.endsWith('for ever')))
      const times = chance.weighted([
        [60, 1],
        [30, 2],
        [10, 3],
      ])
      // An answer to a repeated proof is 401, and two of them in a row are the word that a runner is not wanted.
      return { kind, fault, times: fault === 'second-answer' ? 1 : times }
    }
    case 'part':
      return {
        kind,
        way: chance.pick(['both', 'to', 'from'] as const),
        // Most end before the lease does, some outlive it.
        millis: chance.weighted([
          [70, chance.whole(300, 3_500)],
          [30, chance.whole(leaseMillis + 500, 2 * leaseMillis)],
        ]),
        everybody: chance.percent(10),
      }
    case 'kill':
      return {
        kind,
        whom: chance.weighted([
          [45, 'runner'],
          [35, 'agent'],
          [14, 'server'],
          [6, 'database'],
        ] as const),
        millis: chance.whole(0, 1_000), // until it is started again
      }
    case 'stop': {
      const whom = chance.weighted([
        [60, 'runner'],
        [20, 'agent'],
        [20, 'server'],
      ] as const)
      const long = whom === 'runner' ? 3 * leaseMillis : leaseMillis
      return {
        kind,
        whom,
        millis: chance.weighted([
          [70, chance.whole(200, 2_500)],
          [30, chance.whole(leaseMillis, long)],
        ]),
      }
    }
    case 'clock':
      return {
        kind,
        whom: chance.pick(['runner', 'server'] as const),
        seconds: chance.pick([-1, 1]) * chance.pick([90, 3_600, 86_400]),
      }
    case 'disk':
      return { kind, millis: chance.whole(500, 4_000) }
    case 'cancel':
      return { kind }
  }
}

const ofWork = [
  'report:started',
  'report:finished',
  'ack',
  'beat',
  'offer',
  'report:effect_started',
  'report:effect_succeeded',
] as const

const momentFor = (chance: Chance, deed: Deed, workflow: Plan['workflow']): Moment => {
  const side = chance.pick(['before', 'after'] as const)
  if ('whom' in deed && deed.whom === 'agent') return { moment: 'report:started', side: 'after', nth: 1 }
  if (deed.kind === 'wire') {
    const moment = chance.weighted([
      [10, 'ask'],
      [8, 'offer'],
      [14, 'ack'],
      [14, 'beat'],
      [22, 'reports'],
      [6, 'report:finished'],
      [6, 'report:effect_started'],
      [6, 'report:effect_succeeded'],
      [6, 'log'],
      [8, 'body'],
      [5, 'orders'],
      [2, 'token'],
      [2, 'hello'],
      [2, 'transfer'],
    ] as const)
    const isAnswer = (carriedOut as readonly string[]).includes(deed.fault) && deed.fault !== 'late'
    // That work was given can be seen from the answer alone.
    if (moment === 'offer' && !isAnswer) return { moment: 'ask', side: 'before', nth: 1 }
    return { moment, side: moment === 'offer' ? 'after' : 'before', nth: chance.whole(1, 3) }
  }
  const moment = chance.pick(ofWork)
  const many = workflow === 'plan' && moment === 'report:started' ? 3 : moment.startsWith('report:effect') ? 1 : 2
  return { moment, side: moment === 'offer' ? 'after' : side, nth: chance.whole(1, many) }
}
