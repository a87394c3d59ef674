/**
 * Can an account as somebody wrote it be one that events of its tool name?
 * By its form alone, and by which servers are connected. It never asks a tool whether the account is there.
 */
import { accountsAt as githubServer } from '../tools/github/fields.ts'
import { accountsAt as gitlabServer } from '../tools/gitlab/fields.ts'
import type { KnownConnection } from '../tools/port.ts'
import { tools as eventTools } from './tools.ts'
import { nearest } from '../workflow/nearest.ts'

/** Why no event will ever name it, a sentence's end, and what to write (a sentence). */
export type AccountMistake = { readonly why: string; readonly next: string }

type Form = { readonly id: RegExp; readonly says: string; readonly find: string }
const host = '(?:[a-z0-9][a-z0-9.-]{0,250}(?::\\d{1,5})?/)?'
const numbered = new RegExp(`^${host}[1-9]\\d{0,18}$`)

/** Every tool whose events name accounts of people, and how it names them. */
const forms: Readonly<Record<string, Form>> = {
  github: {
    id: numbered,
    says: 'the number of an account, never its name; of a server of your own after its host (github:ghe.acme.dev/7)',
    find: 'https://api.github.com/users/LOGIN shows it as `id`: github:583231.',
  },
  gitlab: {
    id: numbered,
    says: 'the number of an account, never its name; of a server of your own after its host (gitlab:gitlab.acme.dev/7)',
    find: 'https://gitlab.com/api/v4/users?username=LOGIN shows it as `id`: gitlab:583231.',
  },
  slack: {
    id: /^[TE][A-Z0-9]{2,30}\/[UW][A-Z0-9]{2,30}$/,
    says: 'the ids of the workspace and of the member',
    find: 'Slack shows the member’s id under *Profile*, *Copy member ID*, and the workspace’s in its address in a browser: slack:T024BE7LD/U024BE7LH.',
  },
  linear: {
    id: /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/,
    says: 'the id of a user, never a name or an address of mail',
    find: 'The page of an event in *Deliveries* shows the id of who did it: linear:0a1b2c3d-6e9b-4d3a-8f1c-2b7e5a9d4c6f.',
  },
  jira: {
    id: /^[A-Za-z0-9:_-]{1,128}$/,
    says: 'the accountId of a user, never a name or an address of mail',
    find: 'It stands at the end of the address of the person’s profile: jira:712020:0a1b2c3d-6e9b-4d3a-8f1c-2b7e5a9d4c6f.',
  },
}

/** A webhook source of the workspace: for which accounts it may speak, by their beginnings; null: for any. */
export type Speaks = { readonly name: string; readonly accounts: readonly string[] | null }

/**
 * What is wrong with `account` (`github:583231`); null: events may name it. `connections`: those of the workspace, for whose servers are meant.
 * `sources`: its webhook sources. Accounts that are no tool's are their senders' own words, so one of them must be let speak for them.
 */
export const accountMistake = (
  account: string,
  connections: readonly Pick<KnownConnection & { readonly tool: string }, 'tool' | 'settings'>[],
  sources: readonly Speaks[],
): AccountMistake | null => {
  const [, tool, id] = /^([^:]*):(.+)$/s.exec(account) ?? []
  if (tool === undefined || id === undefined || tool === '')
    return { why: 'an account is a tool and an id there', next: 'Write it like github:583231.' }
  const form = Object.hasOwn(forms, tool) ? forms[tool]! : null
  if (form === null) return isSpokenFor(account, sources) ? null : strangeTool(tool, id, sources)
  if (!form.id.test(id)) return { why: `an account of ${tool} is ${form.says}`, next: form.find }
  const own = tool === 'github' || tool === 'gitlab' ? connections.filter((one) => one.tool === tool) : []
  const servers = own.map(tool === 'github' ? githubServer : gitlabServer)
  const server = servers[0] ?? null
  return id.includes('/') || server === null || servers.includes(null)
    ? null
    : {
        why: `the only server of ${tool} that is connected here is ${server}, whose accounts carry its name`,
        next: `Write ${tool}:${server}/${id}.`,
      }
}

const isSpokenFor = (account: string, sources: readonly Speaks[]): boolean =>
  sources.some(({ accounts }) => accounts === null || accounts.some((begin) => account.startsWith(begin)))

/** So many sources are named at most. */
const namedAtMost = 10
const quoted = (name: string): string => (/^[\w.-]+$/.test(name) ? name : JSON.stringify(name))

const strangeTool = (tool: string, id: string, sources: readonly Speaks[]): AccountMistake => {
  const tools = Object.keys(forms)
  if (Object.hasOwn(eventTools, tool))
    return {
      why: `events of ${tool} name no account of a person`,
      next: `Accounts are of ${tools.join(', ')}. What ${tool} tells is let in by \`started_by: [source]\` of a workflow.`,
    }
  const why = `no tool is called ${tool} here (${tools.join(', ')} tell of accounts), and no webhook source may speak for accounts that begin with ${tool}:`
  const meant = nearest(tool, tools)
  const asked = meant === null ? '' : `Was ${meant}:${id} meant? Else `
  // What a source cannot be let speak for is no name of a tool.
  if (!/^[A-Za-z0-9][\w.-]{0,59}$/.test(tool)) return { why, next: 'Write it like github:583231.' }
  if (sources.length === 0)
    return {
      why,
      next: `${asked}${asked ? 'make' : 'Make'} the source that tells of them first: \`viewport sources add NAME --account ${tool}:\`.`,
    }
  const names = sources.slice(0, namedAtMost).map(({ name }) => quoted(name))
  return {
    why,
    next: `${asked}${asked ? 'let' : 'Let'} the source that tells of them speak for them first: \`viewport sources change NAME --account ${tool}:\`. Sources here: ${names.join(', ')}${sources.length > namedAtMost ? ` and ${sources.length - namedAtMost} more` : ''}.`,
  }
}
