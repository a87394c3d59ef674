/** Does a connection to Linear hold the issue or team that an effect is about? By its teams: an issue's key begins with the key of one. */
import type { About, Reach, Reaching } from '../reaching.ts'
import { teamsIn } from './fields.ts'

/** Teams are told by key or by name. Which key a name has only Linear knows, so a connection is ruled out only where both are keys. */
export const reach = (connection: Reaching, { target }: About): Reach => {
  const listed = teamsIn(connection)
  const key = /^([A-Za-z][A-Za-z0-9]{0,9})-\d+$/.exec(target)?.[1]
  const team = key ?? target
  if (listed.some((one) => one.toLowerCase() === team.toLowerCase())) return 'named'
  const known = listed.length > 0 && listed.every(isKey)
  return known && (key !== undefined || isKey(target)) ? 'not' : 'maybe'
}

const isKey = (name: string): boolean => /^[A-Z][A-Z0-9]{0,6}$/.test(name)
