// When does which blow fall? It listens to what passes between runners and control plane, counts the moments of every run, and strikes.
import { setTimeout as sleep } from 'node:timers/promises'

import { Answered } from '../../testing/api.ts'
import { anyProcess, processesOf } from '../../testing/processes.ts'
import type { Ground } from './ground.ts'
import type { Blow, Plan } from './plan.ts'
import type { Place as Passing } from './proxy.ts'
import type { WireFault } from './wire-faults.ts'
import type { WireRequest } from './wire-request.ts'

/** A run under way. `fell`: what befell it, in words. */
export type Under = { run: string; number: number; mark: string; plan: Plan; fell: string[] }
type Counted = Under & { counts: Map<string, number>; left: { blow: Blow; times: number }[] }

export type Conductor = {
  /** From now on its plan holds. */
  begin(under: Under): void
  end(run: string): void
  /** Resolves when every blow has passed: what was stopped goes on, what was killed runs again. */
  settled(): Promise<void>
}

/** Moments that no run owns: any run's blow at them may fall. */
const ambient = new Set(['ask', 'orders', 'token', 'hello', 'transfer'])
/** A blow in one or two words, for counting. */
export const nameOf = ({ deed }: Blow): string =>
  deed.kind === 'wire'
    ? `wire ${deed.fault}`
    : deed.kind === 'line'
      ? `line ${deed.fault}`
      : deed.kind === 'part'
        ? `apart (${deed.way})`
        : 'whom' in deed
          ? `${deed.kind} ${deed.whom}`
          : deed.kind

export function conduct(ground: Ground): Conductor {
  const under = new Map<string, Counted>()
  const passing = new Set<Promise<unknown>>()
  const busy = (what: Promise<unknown>): void => {
    const mine = what.catch((error: unknown) => void ground.troubles.push(`a blow failed: ${String(error)}`))
    passing.add(mine)
    void mine.finally(() => passing.delete(mine))
  }

  const known = async (run: string): Promise<Counted | undefined> => {
    for (const until = performance.now() + 5_000; !under.has(run) && performance.now() < until;) await sleep(5)
    return under.get(run)
  }

  const strike = (mine: Counted, blow: Blow, request: WireRequest): WireFault | null => {
    const { deed } = blow
    const runner = ground.runners.find(({ x }) => x === request.x)
    const fell = (): void => void mine.fell.push(nameOf(blow))
    switch (deed.kind) {
      case 'wire':
        if (deed.times > 1) mine.left.push({ blow, times: deed.times - 1 })
        fell()
        return deed.fault
      case 'part':
        ground.proxy.part({
          x: deed.everybody ? null : request.x,
          way: deed.way,
          until: performance.now() + deed.millis,
        })
        for (const { line, x } of ground.runners)
          if (deed.everybody || x === request.x)
            line?.fail(({ both: 'silent', to: 'silent up', from: 'silent down' } as const)[deed.way], deed.millis)
        fell()
        break
      case 'line':
        runner?.line?.fail(deed.fault, deed.millis)
        fell()
        break
      case 'kill':
        if (deed.whom === 'server') busy(ground.server.kill(deed.millis))
        else if (deed.whom === 'relay') busy(ground.relay.kill(deed.millis))
        else if (deed.whom === 'runner' && runner) busy(runner.program.kill(deed.millis))
        else if (deed.whom === 'database') signal(ground.databasePid(), 'SIGQUIT')
        else if (deed.whom === 'agent') {
          busy(agentOf(mine).then((pid) => signal(pid, 'SIGKILL') && fell()))
          break
        }
        fell()
        break
      case 'stop':
        if (deed.whom === 'server') busy(ground.server.stop(deed.millis))
        else if (deed.whom === 'relay') busy(ground.relay.stop(deed.millis))
        else if (deed.whom === 'runner' && runner) busy(runner.program.stop(deed.millis))
        else {
          busy(
            agentOf(mine).then(async (pid) => {
              if (!signal(pid, 'SIGSTOP')) return
              fell()
              await sleep(deed.millis)
              signal(pid, 'SIGCONT')
            }),
          )
          break
        }
        fell()
        break
      case 'clock': {
        const whose = deed.whom === 'server' ? ground.server : (runner?.program ?? ground.server)
        whose.shiftClock(deed.seconds)
        busy(sleep(4_000).then(() => whose.shiftClock(0)))
        fell()
        break
      }
      case 'disk': {
        const disk = ground.runners.find((one) => one.disk !== null)?.disk
        if (!disk) break
        disk.fill()
        busy(sleep(deed.millis).then(() => disk.empty()))
        fell()
        break
      }
      case 'cancel':
        busy(stopRun(ground, mine.run))
        fell()
    }
    return null
  }

  const pass = async ({ moment, side, request, run, sealed }: Passing): Promise<WireFault | null> => {
    const concerned =
      ambient.has(moment) || run === null ? [...under.values()] : [await known(run)].filter((one) => one !== undefined)
    let fault: WireFault | null = null
    for (const mine of concerned) {
      const again = mine.left.find(({ blow }) => blow.moment === moment && blow.side === side)
      if (again && again.blow.deed.kind === 'wire') {
        fault = again.blow.deed.fault
        if (--again.times === 0) mine.left.splice(mine.left.indexOf(again), 1)
        continue
      }
      const key = `${moment} ${side}`
      const count = (mine.counts.get(key) ?? 0) + 1
      mine.counts.set(key, count)
      for (const blow of mine.plan.blows)
        // A message that came by relay has been answered already: only what is no fault of its own can fall at it.
        if (
          blow.moment === moment &&
          blow.side === side &&
          blow.nth === count &&
          !(sealed && blow.deed.kind === 'wire')
        )
          fault = strike(mine, blow, request) ?? fault
    }
    return fault
  }
  ground.proxy.listen(pass)

  return {
    begin: (one) => void under.set(one.run, { ...one, counts: new Map(), left: [] }),
    end: (run) => void under.delete(run),
    async settled() {
      while (passing.size > 0) await Promise.all(passing)
    },
  }
}

/** As a person does it; who comes too late is told so. */
const stopRun = (ground: Ground, run: string): Promise<unknown> =>
  ground.ask('POST', `/api/runs/${run}/cancellation`, { reason: 'The harness wants it.' }).catch((error: unknown) => {
    if (!(error instanceof Answered && error.problem['code'] === 'run_finished')) throw error
  })

/** The agent that works on the run, as soon as there is one; null after a while without. */
const agentOf = async ({ mark, run, plan }: Under): Promise<number | null> => {
  const isAgent = (words: string): boolean =>
    plan.agent === 'hand'
      ? /^\S*sh \S+\/hand /.test(words) && words.includes(mark)
      : words.split(' ')[0]!.endsWith(`/${plan.agent}`)
  for (const until = performance.now() + 3_000; performance.now() < until; await sleep(25)) {
    if (!anyProcess(isAgent)) continue
    const agent = processesOf(plan.agent === 'hand' ? mark : run).find(({ words }) => isAgent(words))
    if (agent) return agent.pid
  }
  return null
}

const signal = (pid: number | null, name: NodeJS.Signals): boolean => {
  try {
    return pid !== null && process.kill(pid, name)
  } catch {
    return false // it has ended meanwhile
  }
}
