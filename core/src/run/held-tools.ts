/**
 * At which tools is the credential of this run held by a runner, and what must a runner hold for an effect there?
 * Pinned when the run began: a connection that changes hands later is a clear no, and never a credential that goes elsewhere.
 */
import type { Holding } from '../wire/holding.ts'
import type { RunSpec } from './spec.ts'
import type { IntentState } from './state.ts'

type HeldTool = NonNullable<RunSpec['pins']['held']>[number]

/** The connection to this tool, when a runner holds its credential. `target`: of the effect; webhook targets are connections of their own. */
export const heldAt = ({ pins }: Pick<RunSpec, 'pins'>, tool: string, target: string): HeldTool | null =>
  pins.held?.find((one) => one.tool === tool && (tool !== 'webhook' || one.connection === target)) ?? null

/** What a runner must hold to carry this effect out; null: the control plane does it, or it is one of git. */
export const credentialFor = (
  spec: Pick<RunSpec, 'pins'>,
  { at, action, target }: Pick<IntentState, 'at' | 'action' | 'target'>,
): (Pick<Holding, 'tool' | 'at'> & { readonly connection: string; readonly action: string }) | null => {
  const held = at === 'runner' ? heldAt(spec, action.split('.')[0]!, target) : null
  return held && { ...held, action }
}
