/**
 * How does a state look when one step, gate or intent of it is changed?
 * The rest is shared. What is not there stays not there.
 */
import type { GateState, IntentState, RunState, StepState } from './state.ts'

export const withStep = (state: RunState, id: string, change: Partial<StepState>): RunState => {
  const step = state.steps[id]
  return step ? { ...state, steps: { ...state.steps, [id]: { ...step, ...change } } } : state
}

export const withGate = (state: RunState, id: string, change: (gate: GateState) => Partial<GateState>): RunState => {
  const gate = state.gates[id]
  return gate ? { ...state, gates: { ...state.gates, [id]: { ...gate, ...change(gate) } } } : state
}

export const withIntent = (state: RunState, id: string, change: Partial<IntentState>): RunState => {
  const intent = state.intents[id]
  return intent ? { ...state, intents: { ...state.intents, [id]: { ...intent, ...change } } } : state
}
