/** On what at GitLab does an effect work, and may it? Only on projects that the workflow names and that are on this server. */
import { failed } from '../ended.ts'
import { placeThere, type Forge } from '../forge-place.ts'
import type { Connection, Effect } from '../port.ts'
import { projectPath } from './ask.ts'
import { baseOf, isProjectName } from './fields.ts'
import { URL } from '../url.ts'

/** The server of a connection, as clones of it name it. */
export const forgeOf = ({ settings }: Pick<Connection, 'settings'>): Forge => {
  const { host } = new URL(baseOf(settings))
  return {
    title: 'GitLab',
    host,
    ...(host === 'gitlab.com' ? { sshHost: 'altssh.gitlab.com' } : {}),
    isRepoName: isProjectName,
  }
}

export type Thread = {
  /** group/name */
  readonly repo: string
  readonly isMr: boolean
  readonly iid: number
  /** As later actions name it: group/name#7, group/name!7. */
  readonly ref: string
  /** Its path in the API. */
  readonly at: string
}

/** An issue or merge request of a project of the workflow. Throws Ended. */
export const threadPlace = (effect: Effect, connection: Connection): Thread => {
  const named = /^([^#!\s]{3,300})([#!])([1-9]\d{0,9})$/.exec(effect.target)
  if (!named)
    throw failed(
      'no_thread',
      `${effect.target} is no issue and no merge request of GitLab.`,
      'Say on which one with `on: group/name#number` or `on: group/name!number`.',
    )
  const repo = placeThere(effect, forgeOf(connection), named[1]!)
  const [isMr, iid] = [named[2] === '!', Number(named[3])]
  return {
    repo,
    isMr,
    iid,
    ref: `${repo}${named[2]}${iid}`,
    at: `${projectPath(repo)}/${isMr ? 'merge_requests' : 'issues'}/${iid}`,
  }
}
