/** What is filled in to connect Jira Cloud, and which projects does that mean? */
import { trimmedEnd } from '../../trimmed.ts'
import type { ConnectField, Connection } from '../port.ts'

const plain = { secret: false, required: false, otherwise: null } as const

export const fields: readonly ConnectField[] = [
  { ...plain, name: 'site', title: 'Site', says: 'https://NAME.atlassian.net', required: true, host: true },
  {
    ...plain,
    name: 'email',
    title: 'E-mail address',
    says: 'Of the account whose token it is; best one that only Viewport uses.',
    required: true,
  },
  {
    ...plain,
    name: 'token',
    title: 'API token',
    says: 'Made at id.atlassian.com, Security, API tokens.',
    secret: true,
    required: true,
  },
  {
    ...plain,
    name: 'signing',
    title: 'Secret of the webhook',
    says: 'The one that an admin gave the webhook. Leave it out when Jira cannot reach this server: it is asked regularly.',
    secret: true,
    signs: true,
  },
  {
    ...plain,
    name: 'projects',
    title: 'Projects',
    says: 'Keys, separated by commas: only these are asked about and written to. All that the account sees when left out.',
  },
]

/** Keys of projects in capitals; none: all of them. */
export const projectsIn = ({ settings }: Pick<Connection, 'settings'>): string[] => [
  ...new Set(
    (settings['projects'] ?? '')
      .split(',')
      .map((key) => key.trim().toUpperCase())
      .filter((key) => key !== ''),
  ),
]

/** The form of a project's key, so that it can stand in a question. */
export const isProjectKey = (key: string): boolean => /^[A-Z][A-Z0-9_]{0,60}$/.test(key)

/** Is this project one that the connection is about? */
export const isOurProject = (connection: Pick<Connection, 'settings'>, key: string): boolean => {
  const named = projectsIn(connection)
  return named.length === 0 || named.includes(key.toUpperCase())
}

/** The site's address without a slash at its end. */
export const siteOf = (settings: Readonly<Record<string, string>>): string => trimmedEnd(settings['site']!, '/')
