/** Does the token of a GitLab connection work, who are we there, and what may we not do that an action will need? */
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection, Tool } from '../port.ts'
import { askerFor, projectPath, type Ask } from '@viewportai/core/tools/gitlab/ask'
import { isProjectName, projectsIn } from '@viewportai/core/tools/gitlab/fields'
import { nearProject } from './look-up.ts'
import { who } from '@viewportai/core/tools/gitlab/who'

/** From this level of access on somebody may write: Developer. */
export const developer = 30

export const check = async (connection: Omit<Connection, 'account'>, outside: Outside): ReturnType<Tool['check']> => {
  const { settings, secrets } = connection
  const base = settings['base'] ?? ''
  if (
    !URL.canParse(base) ||
    !/^https?:$/.test(new URL(base).protocol) ||
    new URL(base).search ||
    new URL(base).username
  )
    return { problem: `"${base}" is not the address of a server, like https://gitlab.com.` }
  const odd = projectsIn(settings).find((name) => !isProjectName(name))
  if (odd !== undefined) return { problem: `"${odd}" is not of the form group/name.` }
  if (secrets['webhook_secret']!.length < 16) return { problem: 'The webhook secret is shorter than 16 characters.' }
  const said = await who(connection, outside)
  if ('problem' in said) return said
  const { account, told } = said
  const ask = askerFor(connection, outside)
  const scopes = await scopesOf(ask)
  if (scopes && !scopes.includes('api'))
    return { problem: `The token has the scopes ${scopes.join(', ')}; it needs api.` }
  const notes: string[] = []
  for (const name of projectsIn(settings)) {
    const project = await ask('GET', projectPath(name))
    if (project.status !== 200) {
      const near = await nearProject(connection, outside, name)
      return {
        problem: `${name} is not there, or the token may not see it (GitLab answered ${project.status}).${near === null ? '' : ` Is ${near} meant?`}`,
      }
    }
    if (levelIn(project.body) < developer)
      notes.push(`${name} can be read and not written: actions there will fail, because the role is below Developer.`)
  }
  return {
    account,
    notes: [
      ...(told.isBot
        ? []
        : [
            `What ${account.name} does at GitLab counts as done by Viewport itself and starts nothing. Give Viewport an account or a project access token of its own when ${account.name} is a person.`,
          ]),
      ...notes,
    ],
  }
}

/** The scopes of the token, or null when GitLab does not tell them. */
const scopesOf = async (ask: Ask): Promise<string[] | null> => {
  const { status, body } = await ask('GET', '/personal_access_tokens/self')
  const scopes = (body as { scopes?: unknown } | null)?.scopes
  return status === 200 && Array.isArray(scopes) ? scopes.map(String) : null
}

const levelIn = (body: unknown): number => {
  const { permissions } = (body ?? {}) as { permissions?: Record<string, { access_level?: unknown } | null> }
  const levels = Object.values(permissions ?? {}).map((one) => Number(one?.access_level ?? 0))
  return Math.max(0, ...levels)
}
