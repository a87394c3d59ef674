/**
 * Can an account as somebody wrote it be one that events of its tool name?
 * By its form alone, and by which servers are connected. It never asks a tool whether the account is there.
 */
import { accountsAt as githubServer } from '../tools/github/fields.ts'
import { accountsAt as gitlabServer } from '../tools/gitlab/fields.ts'
import type { KnownConnection } from '../tools/port.ts'
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

/**
 * What is wrong with `account` (`github:583231`); null: events may name it. `connections`: those of the workspace, for whose servers are meant.
 * `spoken`: beginnings of accounts that addresses of the workspace may speak for, which are their senders' own words.
 */
export const accountMistake = (
  account: string,
  connections: readonly Pick<KnownConnection & { readonly tool: string }, 'tool' | 'settings'>[],
  spoken: readonly string[],
): AccountMistake | null => {
  const [, tool, id] = /^([^:]*):(.+)$/s.exec(account) ?? []
  if (tool === undefined || id === undefined || tool === '')
    return { why: 'an account is a tool and an id there', next: 'Write it like github:583231.' }
  const form = Object.hasOwn(forms, tool) ? forms[tool]! : null
  if (form === null) {
    const meant = spoken.some((begin) => account.startsWith(begin)) ? null : nearest(tool, Object.keys(forms))
    return meant === null
      ? null
      : {
          why: `nothing here is called ${tool}`,
          next: `Was ${meant}:${id} meant? Else name it first at the webhook that tells of such accounts: \`viewport sources change NAME --account ${tool}:\`.`,
        }
  }
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
