/**
 * Are there enough people left to pass this gate, and if not, what is missing?
 * Words for its card. It never says who may vote: that is counted when it is shown.
 */
import type { GateState } from '../run/state.ts'

/**
 * Null when it can be passed. `others`: how many people may vote and have not. Somebody alone in a team whose change needs two
 * votes would wait for ever, and no list would say so.
 */
export const lackOfVoters = (
  gate: Pick<GateState, 'approvers' | 'required' | 'votes' | 'state'>,
  others: number,
): string | null => {
  const given = new Set(gate.votes.filter((vote) => vote.verdict === 'approve').map((vote) => vote.person)).size
  if (gate.state !== 'open' || given + others >= gate.required) return null
  const all = given + others
  const may = all === 0 ? 'nobody may give one' : all === 1 ? 'one person may give one' : `${all} people may give one`
  return `${gate.required === 1 ? 'A vote is' : `${gate.required} votes are`} needed and ${may}: ${remedy(gate.approvers)}.`
}

const remedy = (approvers: readonly string[]): string => {
  const team = approvers.find((one) => one.startsWith('team:'))
  if (team) return `add somebody to team ${team.slice(5)}`
  if (approvers.includes('role:admin')) return 'make somebody else an admin'
  if (approvers.includes('role:member')) return 'add somebody to the workspace'
  return 'let the workflow name more approvers, and start it anew'
}
