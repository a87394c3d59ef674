/**
 * What is an effect at a tool about, as whoever carries it out is told?
 * The same for the control plane and for a runner. Which connection it goes through is not known here.
 */
import { readParams } from '../action/params.ts'
import { nextCause } from '../event/cause.ts'
import type { Effect } from '../tools/port.ts'
import type { IntentState, RunState } from './state.ts'
import { toldOf } from './told.ts'

/** The effect but for the team's own place at the tool. `address`: of this Viewport, for runs that do not say it. */
export const outsideEffect = (state: RunState, intent: IntentState, address: string): Omit<Effect, 'home'> => ({
  intent: intent.id,
  run: state.run,
  target: intent.target,
  params: intent.params,
  change: intent.change,
  commit: pushedCommit(state, intent),
  opened: state.pull?.ref ?? null,
  repos: state.spec.pins.repos.map(({ name, url }) => ({ name, url })),
  told: toldOf(state),
  page: `${state.spec.address ?? address}/runs/${state.number}`,
  ...(state.spec.event.cause && { depth: nextCause(state.run, state.spec.event.cause).depth }),
})

/** The commit that was pushed for exactly this change. */
const pushedCommit = (state: RunState, { change }: IntentState): string | null => {
  const push = Object.values(state.intents).findLast(
    (one) =>
      one.action === 'git.push' &&
      one.state === 'succeeded' &&
      one.change?.repo === change?.repo &&
      one.change?.tree === change?.tree,
  )
  const commit = push?.receipt?.observed['commit']
  return typeof commit === 'string' ? commit : null
}

/** Why it cannot be done with these parameters, or null. They are read once more right before: what is unknown or missing is a failure. */
export const paramsFlaw = ({
  action,
  params,
  change,
}: Pick<IntentState, 'action' | 'params' | 'change'>): string | null => {
  const read = readParams(action, change ? written(params) : params)
  return read.ok ? null : `${action} cannot be done as it is: ${read.why}.`
}

/** Parameters as the workflow's author may write them: what was added for a pull request (its branch) is not among those. */
const written = (params: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(Object.entries(params).filter(([name]) => name !== 'head'))
