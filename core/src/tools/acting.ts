/**
 * Which tools can be acted at with a credential that a runner holds, and what does such a credential consist of?
 * The one table: connections read from it what is left out where a runner holds the credential, runners what is kept and where it may be sent.
 */
import type { Outside } from './outside.ts'
import type { Actions, Connection, Sees, StatusKeeper, Who } from './port.ts'
import { actions as github } from './github/actions.ts'
import { sight as atGitHub } from './github/sight.ts'
import { status as keptAtGitHub } from './github/status.ts'
import { who as whoAtGitHub } from './github/who.ts'
import { actions as gitlab } from './gitlab/actions.ts'
import { sight as atGitLab } from './gitlab/sight.ts'
import { status as keptAtGitLab } from './gitlab/status.ts'
import { who as whoAtGitLab } from './gitlab/who.ts'
import { actions as jira } from './jira/actions.ts'
import { status as keptAtJira } from './jira/status.ts'
import { who as whoAtJira } from './jira/who.ts'
import { actions as linear } from './linear/actions.ts'
import { status as keptAtLinear } from './linear/status.ts'
import { who as whoAtLinear } from './linear/who.ts'
import { actions as slack } from './slack/actions.ts'
import { status as keptAtSlack } from './slack/status.ts'
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
  /** Shows a pull request as it stands; absent: nothing there is watched. */
  readonly sight?: Sees
  /** Keeps one message of a run there; absent: none is kept. */
  readonly status?: StatusKeeper
}

const plain = { at: 'base', secret: 'token', user: null, beside: [] } as const

const tools: Readonly<Record<string, Acting>> = {
  github: {
    ...plain,
    usual: 'https://api.github.com',
    beside: ['app', 'installation', 'private_key'],
    actions: github,
    who: whoAtGitHub,
    sight: atGitHub,
    status: keptAtGitHub,
  },
  gitlab: {
    ...plain,
    usual: 'https://gitlab.com',
    actions: gitlab,
    who: whoAtGitLab,
    sight: atGitLab,
    status: keptAtGitLab,
  },
  slack: { ...plain, usual: 'https://slack.com', actions: slack, who: whoAtSlack, status: keptAtSlack },
  linear: {
    ...plain,
    usual: 'https://api.linear.app',
    secret: 'key',
    actions: linear,
    who: whoAtLinear,
    status: keptAtLinear,
  },
  jira: { ...plain, at: 'site', usual: null, user: 'email', actions: jira, who: whoAtJira, status: keptAtJira },
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
