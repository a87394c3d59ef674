/** Does a connection to Jira hold the issue or project that an effect is about? By its projects: an issue's key begins with one. */
import type { About, Reach, Reaching } from '../reaching.ts'
import { projectsIn } from './fields.ts'

export const reach = (connection: Reaching, { target }: About): Reach => {
  const listed = projectsIn(connection)
  // An issue that an event or a receipt named is a number, which says no project.
  if (listed.length === 0 || /^\d+$/.test(target)) return 'maybe'
  return listed.includes(target.replace(/-\d+$/, '').toUpperCase()) ? 'named' : 'not'
}
