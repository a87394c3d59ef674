/**
 * How does GitHub make an App for us in one click?
 * By a manifest: a form that the person's browser brings to GitHub, which comes back with a code; the code is exchanged once for the App's id and key. https://docs.github.com/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */
import { trimmedEnd } from '@viewportai/core/trimmed'
import type { Outside } from '@viewportai/core/tools/outside'
import { messageIn, webHostOf } from '@viewportai/core/tools/github/rest'

/** The address of pages for the address of the API. */
export const webOf = (base: string): string => `${new URL(base).protocol}//${webHostOf({ base })}`

const organization = /^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/
/** Is it the name of an organization (and so a part of an address)? */
export const isOrganization = (name: string): boolean => organization.test(name)

/** What a browser reaches is reached by GitHub too, unless it is an address of this machine or its network by its form. */
export const isPublic = (address: string): boolean => {
  const { hostname, protocol } = new URL(address)
  return (
    protocol === 'https:' &&
    hostname.includes('.') &&
    !/^(\d{1,3}\.){3}\d{1,3}$/.test(hostname) &&
    !/\.(local|internal|lan|home|test|localhost)$/.test(hostname) &&
    hostname !== 'localhost'
  )
}

export type Wanted = {
  /** Name of the App at GitHub: one in all of GitHub. */
  readonly name: string
  /** Address of this Viewport. */
  readonly own: string
  /** The source that its webhooks are of. */
  readonly source: string
}

/** What the App may do, and of what it tells. */
const permissions = {
  metadata: 'read',
  contents: 'read',
  issues: 'write',
  pull_requests: 'write',
  checks: 'write',
  statuses: 'read',
} as const
const events = [
  'issues',
  'issue_comment',
  'pull_request',
  'pull_request_review',
  'pull_request_review_comment',
  'check_run',
  'status',
  'push',
  'release',
] as const

/** The manifest. Where GitHub cannot reach us its webhook is switched off, and the repositories are asked instead. */
export const manifestOf = ({ name, own, source }: Wanted): object => {
  const page = `${own}/connections`
  return {
    name: name.slice(0, 34),
    url: own,
    public: false,
    redirect_url: page,
    setup_url: page,
    setup_on_update: false,
    hook_attributes: { url: `${own}/hooks/${source}`, active: isPublic(own) },
    default_permissions: permissions,
    default_events: events,
  }
}

/** Where the form goes to. */
export const formAddress = (base: string, organization: string | null, state: string): string =>
  `${webOf(base)}${organization === null ? '' : `/organizations/${organization}`}/settings/apps/new?state=${state}`

/** An App as GitHub made it. */
export type Made = {
  readonly app: string
  readonly slug: string
  readonly page: string
  readonly privateKey: string
  readonly webhookSecret: string
}

/** Exchanges the code, which can be done once within an hour. `problem`: why not, a sentence. Throws NotSent or NoWholeAnswer. */
export const convert = async (base: string, code: string, outside: Outside): Promise<Made | { problem: string }> => {
  if (!/^[\w-]{1,200}$/.test(code)) return { problem: 'The code is not one that GitHub gives.' }
  const { status, text } = await outside.ask({
    method: 'POST',
    url: `${trimmedEnd(base, '/')}/app-manifests/${code}/conversions`,
    headers: { accept: 'application/vnd.github+json', 'x-github-api-version': '2022-11-28' },
  })
  const body = jsonIn(text)
  if (status === 404 || status === 422)
    return { problem: 'GitHub does not know the code: it was used already, or is older than an hour. Begin again.' }
  if (status !== 201)
    return {
      problem: `GitHub did not give the App: it answered ${status}${messageIn(body) ? ` (${messageIn(body)})` : ''}.`,
    }
  const { id, slug, html_url: page, pem, webhook_secret: secret } = body
  if (
    typeof id !== 'number' ||
    typeof slug !== 'string' ||
    typeof page !== 'string' ||
    typeof pem !== 'string' ||
    typeof secret !== 'string'
  )
    return { problem: 'GitHub made an App, and did not say all of it. Delete it there, and begin again.' }
  // Where the person is sent next must be a page of the same GitHub.
  if (!URL.canParse(page) || new URL(page).origin !== webOf(base))
    return { problem: `GitHub names a page of the App that is elsewhere (${page.slice(0, 100)}).` }
  return { app: String(id), slug, page, privateKey: pem, webhookSecret: secret }
}

const jsonIn = (text: string): Record<string, unknown> => {
  try {
    const value = JSON.parse(text) as unknown
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
  } catch {
    return {}
  }
}
