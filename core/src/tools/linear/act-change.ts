/** How is an issue of Linear moved or assigned? What is so already is done: a second time changes nothing. What somebody changed since asks a person. */
import { ending, failed, looking, notSeenWhole } from '../ended.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import type { Outside } from '../outside.ts'
import { asking, named, seen, targetOf, type Ask, type Target } from './act.ts'
import type { Told } from './ask.ts'
import { historyParts } from './parts.ts'

/** `wanted`: what the issue gets, or throws Ended. `is`: whether the issue is so. */
type Change = {
  readonly field: 'stateId' | 'assigneeId'
  wanted(ask: Ask, issue: Target, to: string): Promise<{ readonly id: string; readonly name: string }>
  now(issue: Target): { readonly id: string; readonly name: string } | null
  /** What an entry of its history made it, by id; null or nothing: the entry is about something else. */
  madeIn(entry: Told): unknown
  readonly word: 'status' | 'assignee'
}

const moving: Change = {
  field: 'stateId',
  word: 'status',
  now: (issue) => issue.state,
  madeIn: (entry) => entry['toState']?.['id'],
  async wanted(ask, issue, to) {
    const told = await ask(
      'query States($id: String!) { team(id: $id) { states(first: 100) { nodes { id name } } } }',
      {
        id: issue.team.id,
      },
    )
    return named(told['team']['states']['nodes'] as { id: string; name: string }[], to, `status of ${issue.team.name}`)
  },
}

const assigning: Change = {
  field: 'assigneeId',
  word: 'assignee',
  now: (issue) => issue.assignee,
  madeIn: (entry) => entry['toAssigneeId'],
  wanted: (ask, _issue, to) => userNamed(ask, to),
}

const changing = (change: Change): Action => ({
  look: (effect, connection, outside) =>
    looking(async () => {
      const ask = asking(connection, outside)
      const issue = await targetOf(connection, ask, effect.target)
      const wanted = await change.wanted(ask, issue, String(effect.params['to']))
      if (change.now(issue)?.id === wanted.id) return { is: 'there', receipt: receiptOf(change, issue, wanted.name) }
      if (await wasMade(change, ask, issue, wanted.id, connection))
        throw notSeenWhole(
          `${issue.identifier} got the ${change.word} ${wanted.name} from our account before and has ${change.now(issue)?.name ?? 'none'} now; nobody can tell whether that was this effect, and somebody changed it since`,
        )
      return { is: 'absent' }
    }),
  carryOut: (effect, connection, outside) => ending(() => changed(change, effect, connection, outside)),
})

/** Did our account make this change before, as far as the newest of its history says? Then it may have been this effect, and somebody went on from there. */
const wasMade = async (change: Change, ask: Ask, issue: Target, wanted: string, { account }: Connection) => {
  const told = await ask(
    `query Moves($id: String!) { issue(id: $id) { id history(first: 50) { nodes { ...HistoryParts } } } }\n${historyParts}`,
    { id: issue.id },
  )
  const entries = told['issue']?.['history']?.['nodes'] as Told[] | undefined
  if (!Array.isArray(entries)) throw notSeenWhole('Linear answered with no history of the issue')
  const isOurs = (entry: Told): boolean =>
    account === null || [entry['actor']?.['id'], entry['botActor']?.['id']].includes(account.id)
  return entries.some((entry) => change.madeIn(entry) === wanted && isOurs(entry))
}

const changed = async (change: Change, { target, params }: Effect, connection: Connection, outside: Outside) => {
  const ask = asking(connection, outside)
  const issue = await targetOf(connection, ask, target)
  const wanted = await change.wanted(ask, issue, String(params['to']))
  const before = change.now(issue)
  if (before?.id !== wanted.id) {
    const told = await asking(
      connection,
      outside,
      'write',
    )('mutation Change($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }', {
      id: issue.id,
      input: { [change.field]: wanted.id },
    })
    if (told['issueUpdate']['success'] !== true)
      throw failed('refused_there', `Linear did not change ${issue.identifier}, and gave no reason.`, 'Try again.')
  }
  const after = await targetOf(connection, ask, issue.id)
  if (change.now(after)?.id !== wanted.id)
    throw failed(
      'not_so',
      `Linear took the change, and ${change.word} of ${issue.identifier} is ${change.now(after)?.name ?? 'nobody'} all the same.`,
      'An automation of Linear may have changed it back.',
    )
  const receipt = receiptOf(change, after, wanted.name)
  return {
    is: 'done' as const,
    receipt: { ...receipt, observed: { ...receipt.observed, before: before?.name ?? null } },
  }
}

const receiptOf = ({ word }: Change, issue: Target, now: string): Receipt => ({
  id: issue.id,
  url: issue.url,
  observed: { ...seen(issue), [word]: now },
  readBack: true,
})

const usersAtMost = 2_500

/** Somebody by id, e-mail address or name. Throws Ended when there is nobody, or more than one. */
const userNamed = async (ask: Ask, who: string): Promise<{ id: string; name: string }> => {
  const wanted = who.trim().toLowerCase()
  const found: Told[] = []
  let after: string | null = null
  for (let seenUsers = 0; seenUsers < usersAtMost; seenUsers += 250) {
    const told: Told = (
      await ask(
        'query Users($after: String) { users(first: 250, after: $after) { nodes { id name displayName email active } pageInfo { hasNextPage endCursor } } }',
        { after },
      )
    )['users']
    const isMeant = (user: Told): boolean =>
      user['active'] === true &&
      ['id', 'email', 'name', 'displayName'].some((field) => String(user[field]).toLowerCase() === wanted)
    found.push(...(told['nodes'] as Told[]).filter(isMeant))
    if (!told['pageInfo']['hasNextPage']) break
    after = told['pageInfo']['endCursor'] as string
  }
  const [one] = found
  if (one && found.length === 1) return { id: String(one['id']), name: String(one['name']) }
  throw failed(
    'no_such_name',
    one ? `${found.length} people in Linear are called ${who}.` : `Nobody active in Linear is called ${who}.`,
    'Name the account by its e-mail address.',
  )
}

export const transition = changing(moving)
export const assign = changing(assigning)
