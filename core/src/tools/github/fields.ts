/** What is filled in to connect GitHub: a token, or an App. */
import type { ConnectField, KnownConnection } from '../port.ts'
import { webHostOf } from './rest.ts'

const plain = { secret: false, required: false, otherwise: null } as const

export const fields: readonly ConnectField[] = [
  {
    ...plain,
    name: 'base',
    title: 'Address of the API',
    says: 'https://HOST/api/v3 for GitHub Enterprise Server, https://api.NAME.ghe.com for Enterprise Cloud with data residency.',
    required: true,
    otherwise: 'https://api.github.com',
    host: true,
  },
  {
    ...plain,
    name: 'repos',
    title: 'Repositories to ask about',
    says: 'owner/name, separated by commas. They are asked about every half minute, so that no public address is needed.',
  },
  {
    ...plain,
    name: 'token',
    title: 'Token',
    says: 'A fine-grained or classic token, best of an account that only Viewport uses. Leave it out when you give an App.',
    secret: true,
  },
  { ...plain, name: 'app', title: 'App id', says: 'The number of a GitHub App, in place of a token.' },
  {
    ...plain,
    name: 'installation',
    title: 'Installation id',
    says: "The number at the end of the installation's address.",
  },
  {
    ...plain,
    name: 'private_key',
    title: "App's private key",
    says: 'All lines of the .pem file that GitHub made for the App.',
    secret: true,
    lines: true,
  },
  {
    name: 'webhook_secret',
    title: 'Webhook secret',
    says: 'GitHub signs webhooks with it. Made for you when you leave it out, and shown once.',
    secret: true,
    required: true,
    otherwise: 'made',
    signs: true,
  },
]

/** Names of the repositories that are asked about. */
export const reposIn = (settings: Readonly<Record<string, string>>): string[] => [
  ...new Set((settings['repos'] ?? '').split(/[\s,]+/).filter((name) => name !== '')),
]
/** The host whose account numbers a connection tells; null: those of github.com. */
export const accountsAt = ({ settings }: Pick<KnownConnection, 'settings'>): string | null => {
  const host = webHostOf(settings)
  return host === 'github.com' ? null : host
}
/** `owner/name`. A name of dots alone is none: in a path of the API it would lead to another place. */
export const isRepoName = (name: string): boolean =>
  /^[A-Za-z0-9][A-Za-z0-9-]{0,99}\/(?!\.{1,2}$)[A-Za-z0-9._-]{1,100}$/.test(name)
