/** How is an issue of Jira moved or assigned? What is so already is done: a second time changes nothing. What somebody changed since asks a person. */
import { ending, failed, looking, notSeenWhole } from '../ended.ts'
import type { Action, Connection, Receipt } from '../port.ts'
import { pageOf, seen, targetOf, type Target } from './act.ts'
import { asking, type Ask, type Told } from './ask.ts'
import { URLSearchParams } from '../url.ts'

/** `isSo`: whether the issue is as wanted. `make`: makes it so, or throws Ended. */
type Change = {
  readonly word: 'status' | 'assignee'
  now(issue: Target): string | null
  /** Did an item of its history make it so? */
  isMadeIn(item: Told, ask: Ask, issue: Target, to: string): Promise<boolean>
  isSo(ask: Ask, issue: Target, to: string): Promise<boolean>
  make(ask: Ask, issue: Target, to: string): Promise<void>
}

const same = (a: string | null | undefined, b: string): boolean => a?.toLowerCase() === b.trim().toLowerCase()

const moving: Change = {
  word: 'status',
  now: (issue) => issue.status,
  isMadeIn: async (item, _ask, _issue, to) =>
    item['field'] === 'status' && typeof item['toString'] === 'string' && same(item['toString'], to),
  isSo: async (_ask, issue, to) => same(issue.status, to),
  async make(ask, issue, to) {
    const told = (await ask('GET', `/issue/${issue.id}/transitions`))['transitions'] as Told[]
    const found = told.find((one) => same(one['to']?.['name'], to)) ?? told.find((one) => same(one['name'], to))
    if (!found)
      throw failed(
        'no_such_name',
        `${issue.key} cannot be moved to ${to} from ${issue.status}; it can to ${told.map((one) => one['to']?.['name']).join(', ') || 'nothing'}.`,
        'Name one of them in the workflow, or see the workflow of the project in Jira.',
      )
    await ask('POST', `/issue/${issue.id}/transitions`, { transition: { id: String(found['id']) } })
  },
}

const assigning: Change = {
  word: 'assignee',
  now: (issue) => issue.assignee?.displayName ?? null,
  isMadeIn: async (item, ask, issue, to) =>
    item['field'] === 'assignee' && item['to'] === (await accountOf(ask, issue, to)),
  isSo: async (ask, issue, to) =>
    issue.assignee !== null && issue.assignee.accountId === (await accountOf(ask, issue, to)),
  async make(ask, issue, to) {
    await ask('PUT', `/issue/${issue.id}/assignee`, { accountId: await accountOf(ask, issue, to) })
  },
}

/** Somebody who may be assigned, by account id, e-mail address or name. Throws Ended when there is nobody, or more than one. */
const accountOf = async (ask: Ask, issue: Target, who: string): Promise<string> => {
  const query = new URLSearchParams({ issueKey: issue.key, query: who, maxResults: '50' })
  const told = (await ask('GET', `/user/assignable/search?${query}`)) as unknown as Told[]
  const found = told.filter((user) =>
    ['accountId', 'emailAddress', 'displayName'].some((field) => same(user[field], who)),
  )
  if (found.length === 1) return String(found[0]!['accountId'])
  throw failed(
    'no_such_name',
    found.length > 1
      ? `${found.length} people who may be assigned to ${issue.key} are called ${who}.`
      : `Nobody who may be assigned to ${issue.key} is called ${who}.`,
    'Name the account by its account id: Jira hides e-mail addresses where people wish so.',
  )
}

const changing = (change: Change): Action => ({
  look: (effect, connection, outside) =>
    looking(async () => {
      const ask = asking(connection, outside)
      const issue = await targetOf(connection, ask, effect.target)
      const to = String(effect.params['to'])
      if (await change.isSo(ask, issue, to)) return { is: 'there', receipt: receiptOf(change, connection, issue) }
      if (await wasMade(change, ask, issue, to, connection))
        throw notSeenWhole(
          `${issue.key} got the ${change.word} ${to} from our account before and has ${change.now(issue) ?? 'none'} now; nobody can tell whether that was this effect, and somebody changed it since`,
        )
      return { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const ask = asking(connection, outside)
      const to = String(effect.params['to'])
      const issue = await targetOf(connection, ask, effect.target)
      if (!(await change.isSo(ask, issue, to))) await change.make(ask, issue, to)
      const after = await targetOf(connection, ask, issue.id)
      if (!(await change.isSo(ask, after, to)))
        throw failed(
          'not_so',
          `Jira took the change, and ${change.word} of ${issue.key} is ${change.now(after) ?? 'nobody'} all the same.`,
          'An automation of Jira may have changed it back.',
        )
      const receipt = receiptOf(change, connection, after)
      return { is: 'done', receipt: { ...receipt, observed: { ...receipt.observed, before: change.now(issue) } } }
    }),
})

/** Did our account make this change before, as far as the newest of its history says? Then it may have been this effect, and somebody went on from there. */
const wasMade = async (change: Change, ask: Ask, issue: Target, to: string, { account }: Connection) => {
  const told = await ask('GET', `/issue/${issue.id}?fields=status&expand=changelog`)
  const entries = told['changelog']?.['histories'] as Told[] | undefined
  if (!Array.isArray(entries)) throw notSeenWhole('Jira answered with no history of the issue')
  for (const { author, items } of entries)
    if (account === null || author?.['accountId'] === account.id)
      for (const item of items as Told[]) if (await change.isMadeIn(item, ask, issue, to)) return true
  return false
}

const receiptOf = (change: Change, connection: Connection, issue: Target): Receipt => ({
  id: issue.id,
  url: pageOf(connection, issue.key),
  observed: { ...seen(issue), [change.word]: change.now(issue) },
  readBack: true,
})

export const transition = changing(moving)
export const assign = changing(assigning)
