/** On what at GitHub does an effect work, and may it? Only on repositories that the workflow names and that are on this GitHub. */
import { failed } from '../ended.ts'
import { placeThere, repoPlace as placeOf, type Forge } from '../forge-place.ts'
import type { Connection, Effect } from '../port.ts'
import { isRepoName } from './fields.ts'
import { webHostOf } from './rest.ts'

/** The server of a connection, as clones of it name it. */
export const forgeOf = ({ settings }: Pick<Connection, 'settings'>): Forge => {
  const host = webHostOf(settings)
  return { title: 'GitHub', host, ...(host === 'github.com' ? { sshHost: 'ssh.github.com' } : {}), isRepoName }
}

/** owner/name of a repository of the workflow, by its name in Viewport. Throws Ended. */
export const repoPlace = (effect: Effect, connection: Connection, name: string): string =>
  placeOf(effect, forgeOf(connection), name)

/** owner/name and number of an issue or pull request. Throws Ended. */
export const threadPlace = (effect: Effect, connection: Connection): { repo: string; number: number } => {
  const named = /^([^#\s]{3,201})#([1-9]\d{0,9})$/.exec(effect.target)
  if (!named)
    throw failed(
      'no_thread',
      `${effect.target} is no issue and no pull request of GitHub.`,
      'Say on which one with `on: owner/name#number`.',
    )
  return { repo: placeThere(effect, forgeOf(connection), named[1]!), number: Number(named[2]) }
}
