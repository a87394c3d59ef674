/** Where an entrant of the contract plays: its driver as the runner has it, a bench for each test, and what it is asked to do there. */
import type { Usage } from '@viewportai/core/run/facts'
import { afterEach, expect } from 'vitest'
import type { Setup } from '../../work/port.ts'
import type { AgentEnd, AgentTask, Driver } from '../driver.ts'
import { driversOf } from '../drivers.ts'
import { openBench, type Bench } from './bench.ts'
import type { Play, Plays } from './plays.ts'

export type Entrant = {
  /** As the drivers of a runner with `setup` are named. */
  readonly name: string
  /** What the owner wrote down about it. */
  readonly setup?: Pick<Setup, 'commands' | 'acp'>
  /** Programs put on PATH, by name. */
  readonly programs: Readonly<Record<string, string>>
  /** Files and folders that it needs behind a wall, as `walls.read` of the policy names them. */
  readonly reads?: readonly string[]
  /** What detection must say. */
  readonly found: { readonly version: string | null; readonly tested: boolean }
  readonly plays: Plays
  /** What its surface allows. */
  readonly can: {
    /** Does its driver put each command and each change to vpd? Else it does what it wants, behind the wall. */
    readonly ask: boolean
    /** Does it hear why something was refused? */
    readonly reasons: boolean
    /** A model that it is given by name; null: it has none. `always`: in every attempt of the suite, because its own choice would be another conversation. */
    readonly model: { readonly name: string; readonly always: boolean } | null
    /** What is left of the conversation when it goes on: its own session, a summary, or nothing, so that it begins anew. */
    readonly keep: 'session' | 'summary' | 'nothing'
    /** Its own count of an attempt with so many turns of 1000 in, 50 out, 200 cached; null: it tells none. */
    usage(turns: number): Partial<Usage> | null
    /** Does its driver know why its model failed? Else its exit code is all there is. */
    readonly sayWhy: boolean
  }
}

export type Stage = Pick<Entrant, 'can' | 'plays'> & {
  /** That of the test that runs. */
  bench(): Bench
  driver(): Driver
  setup(): Setup
  /** Opens a bench for a play. */
  open(play: Pick<Play, 'conversations' | 'script'>): Promise<Bench>
  /** The task of an attempt on the bench, with the model of the suite. */
  task(also: Partial<AgentTask>): AgentTask
  /** Runs it. */
  run(also: Partial<AgentTask>): Promise<AgentEnd>
  /** Opens a bench for the play and plays it. */
  perform(play: Play, also?: Partial<AgentTask>): Promise<AgentEnd>
  /** The commands that were put to vpd, with its word about each. */
  commands(): unknown[]
}

/** An attempt that came to its end with this in its text. */
export const finished = (says: string) => ({ end: 'finished', text: expect.stringContaining(says) as string })

/** Opens one, to be called where tests are described. After each test nothing of the step may be alive. */
export const openStage = ({ can, plays, ...entrant }: Entrant): Stage => {
  let bench: Bench
  let driver: Driver
  const setup = (): Setup => ({ home: bench.root, passEnvironment: [], commands: {}, ...entrant.setup })
  const open: Stage['open'] = async ({ conversations, script }) => {
    bench = await openBench({ programs: entrant.programs, conversations, script })
    driver = driversOf(setup()).find((one) => one.name === entrant.name)!
    return bench
  }
  const task: Stage['task'] = (also) => bench.task({ modelName: can.model?.always ? can.model.name : null, ...also })
  const run: Stage['run'] = (also) => driver.run(task(also))
  afterEach(async () => {
    const alive = await bench.alive()
    await bench.close()
    expect(alive).toEqual([])
  })
  return {
    can,
    plays,
    bench: () => bench,
    driver: () => driver,
    setup,
    open,
    task,
    run,
    perform: async (play, also = {}) => {
      await open(play)
      return run({ prompt: play.prompt, mode: play.mode, ...also })
    },
    commands: () => bench.events.flatMap((one) => (one.event === 'permission' ? [[one.command, one.decision]] : [])),
  }
}
