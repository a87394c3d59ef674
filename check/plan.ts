// Which stages run beside each other? Those that alone leave the processors idle, mostly waiting, each for what is its own.
import type { Ran, Stage } from './stage.ts'

/** Stages in turn; those of an inner list run beside each other. */
export type Plan = (Stage | Stage[])[]

/** Every stage of a plan, in the order in which they are told. */
export const stagesOf = (plan: Plan): Stage[] => plan.flat()

/** The part of a plan whose stages are wanted. What has nobody beside it left is in turn. */
export const planOf = (plan: Plan, wanted: (stage: Stage) => boolean): Plan =>
  plan.flatMap((part): Plan => {
    const left = [part].flat().filter(wanted)
    return left.length > 1 ? [left] : left
  })

/**
 * Runs a plan to its end, whatever is red, and gives what each stage found, in the order of the plan. `run` is told whether the stage is alone:
 * only then may what its programs say be shown at once. After `stopped` no part is begun.
 */
export const runPlan = async (
  plan: Plan,
  run: (stage: Stage, alone: boolean) => Promise<Ran>,
  stopped: () => boolean,
): Promise<Ran[]> => {
  const all: Ran[] = []
  for (const part of plan) {
    if (stopped()) break
    if (Array.isArray(part)) all.push(...(await Promise.all(part.map((stage) => run(stage, false)))))
    else all.push(await run(part, true))
  }
  return all
}
