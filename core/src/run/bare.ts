/** Did an agent work without a wall? Then nothing kept it from what lies on its machine, tokens that decide among it. */
import { isSample } from './holds.ts'
import { stepSpec, type RunState } from './state.ts'

/** In this step. Which agent the run says, not its runner. That of the sample does what is written in it. */
export const isBareStep = (state: RunState, id: string): boolean =>
  state.steps[id]?.isolation?.level === 'none' && stepSpec(state, id)?.kind === 'agent' && !isSample(state, id)

/** In any step so far. */
export const isBareRun = (state: RunState): boolean => Object.keys(state.steps).some((id) => isBareStep(state, id))
