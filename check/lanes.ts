// Which stages run beside each other? Those that wait a lot beside those that compute a lot: alone, neither fills two processors.
import type { Outcome, Stage } from './stage.ts'

/** Stages in turn, or lanes of stages beside each other; each lane is one after the other. */
export type Plan = (Stage | Stage[][])[]

/** `milliseconds`: from its begin to its end, by a clock that nobody sets. */
export type Ran = { stage: Stage; found: Outcome; milliseconds: number }

/** Every stage of a plan, in the order in which they are told. */
export const stagesOf = (plan: Plan): Stage[] => plan.flat(2)

/** The part of a plan whose stages are wanted. What has nobody beside it left is in turn. */
export const planOf = (plan: Plan, wanted: (stage: Stage) => boolean): Plan =>
  plan.flatMap((part): Plan => {
    if (!Array.isArray(part)) return wanted(part) ? [part] : []
    const lanes = part.map((lane) => lane.filter(wanted)).filter((lane) => lane.length > 0)
    return lanes.length > 1 ? [lanes] : lanes.flat()
  })

/** A plan in which every stage is alone. */
export const inTurn = (plan: Plan): Plan => stagesOf(plan)

/**
 * Runs a plan to its end, whatever is red, and gives what each stage found, in the order of the plan. `run` is told whether the stage is alone:
 * only then may what its programs say be shown at once. After `stopped` no stage is begun.
 */
export const runPlan = async (
  plan: Plan,
  run: (stage: Stage, alone: boolean) => Promise<Outcome>,
  stopped: () => boolean,
): Promise<Ran[]> => {
  const inOrder = async (stages: Stage[], alone: boolean): Promise<Ran[]> => {
    const ran: Ran[] = []
    for (const stage of stages) {
      if (stopped()) break
      const since = performance.now()
      const found = await run(stage, alone)
      ran.push({ stage, found, milliseconds: performance.now() - since })
    }
    return ran
  }
  const all: Ran[] = []
  for (const part of plan)
    if (Array.isArray(part)) all.push(...(await Promise.all(part.map((lane) => inOrder(lane, false)))).flat())
    else all.push(...(await inOrder([part], true)))
  return all
}
