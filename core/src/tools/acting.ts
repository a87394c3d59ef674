/**
 * Which tools can be acted at with a credential that a runner holds, and what does such a credential consist of?
 * The one table: connections read from it what is left out where a runner holds the credential, runners what is kept and where it may be sent.
 */
import type { Outside } from './outside.ts'
import type { Actions, Connection, Who } from './port.ts'
import { actions as github } from './github/actions.ts'
import { who as whoAtGitHub } from './github/who.ts'
import { actions as gitlab } from './gitlab/actions.ts'
import { who as whoAtGitLab } from './gitlab/who.ts'
import { actions as jira } from './jira/actions.ts'
import { who as whoAtJira } from './jira/who.ts'
import { actions as linear } from './linear/actions.ts'
import { who as whoAtLinear } from './linear/who.ts'
import { actions as slack } from './slack/actions.ts'
import { who as whoAtSlack } from './slack/who.ts'
import { send } from './webhook/send.ts'

export type Acting = {
  /** The setting that says where the secret is sent. */
  readonly at: string
  /** What that is when nothing is said; null: it must be said. */
  readonly usual: string | null
  /** The secret that a runner keeps. */
  readonly secret: string
  /** The setting that names the account beside the secret; null: the secret alone tells it. */
  readonly user: string | null
  /** Settings and secrets of another way to act, which a runner cannot hold. */
  readonly beside: readonly string[]
  readonly actions: Actions
  /** Whose secret is it? null: nobody can be asked. */
  readonly who:
    | ((connection: Pick<Connection, 'settings' | 'secrets'>, outside: Outside) => Promise<Who<unknown>>)
    | null
}

const plain = { at: 'base', secret: 'token', user: null, beside: [] } as const

const tools: Readonly<Record<string, Acting>> = {
  github: {
    ...plain,
    usual: 'https://api.github.com',
    beside: ['app', 'installation', 'private_key'],
    actions: github,
    who: whoAtGitHub,
  },
  gitlab: { ...plain, usual: 'https://gitlab.com', actions: gitlab, who: whoAtGitLab },
  slack: { ...plain, usual: 'https://slack.com', actions: slack, who: whoAtSlack },
  linear: { ...plain, usual: 'https://api.linear.app', secret: 'key', actions: linear, who: whoAtLinear },
  jira: { ...plain, at: 'site', usual: null, user: 'email', actions: jira, who: whoAtJira },
  webhook: { ...plain, at: 'url', usual: null, secret: 'secret', actions: { 'webhook.send': send }, who: null },
}

/** Names of the tools. */
export const actingNames: readonly string[] = Object.keys(tools)
/** What acting at a tool takes, or null: no runner can hold its credential. */
export const actingAt = (tool: string): Acting | null => (Object.hasOwn(tools, tool) ? tools[tool]! : null)
/** Settings and secrets of a connection that are left out where a runner holds the credential. */
export const withheld = (tool: string): string[] => {
  const acting = actingAt(tool)
  return acting ? [acting.secret, ...(acting.user === null ? [] : [acting.user]), ...acting.beside] : []
}
