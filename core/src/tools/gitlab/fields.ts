/** What is filled in to connect GitLab, gitlab.com or one's own. */
import { trimmedEnd } from '../../trimmed.ts'
import type { ConnectField, KnownConnection } from '../port.ts'
import { URL } from '../url.ts'

const plain = { secret: false, required: false, otherwise: null } as const

export const fields: readonly ConnectField[] = [
  {
    ...plain,
    name: 'base',
    title: 'Address',
    says: 'Of the server: https://gitlab.acme.dev for one of your own.',
    required: true,
    otherwise: 'https://gitlab.com',
    host: true,
  },
  {
    ...plain,
    name: 'projects',
    title: 'Projects to ask about',
    says: 'group/name, separated by commas. They are asked about every half minute, so that no public address is needed.',
  },
  {
    ...plain,
    name: 'token',
    title: 'Access token',
    says: 'Of a project, a group or an account that only Viewport uses, with the scope api and at least the role Developer.',
    secret: true,
    required: true,
  },
  {
    name: 'webhook_secret',
    title: 'Webhook secret',
    says: 'Given to the webhook at GitLab, as its signing token where GitLab has one, else as its secret token. Made for you when you leave it out, and shown once.',
    secret: true,
    required: true,
    otherwise: 'made',
    signs: true,
  },
]

/** Names of the projects that are asked about. */
export const projectsIn = (settings: Readonly<Record<string, string>>): string[] => [
  ...new Set((settings['projects'] ?? '').split(/[\s,]+/).filter((name) => name !== '')),
]
/** A project with all its groups: `acme/shop`, `acme/tools/shop`. */
export const isProjectName = (name: string): boolean =>
  name.length <= 300 && /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_][\w.-]*){1,20}$/.test(name)

/** The server's address without a slash at its end. */
export const baseOf = (settings: Readonly<Record<string, string>>): string => trimmedEnd(settings['base']!, '/')

/** The host whose account numbers a connection tells; null: those of gitlab.com. */
export const accountsAt = ({ settings }: Pick<KnownConnection, 'settings'>): string | null => {
  const { host } = new URL(baseOf(settings))
  return host === 'gitlab.com' ? null : host
}
