/** How is an issue made in Linear, once? With a link to the run in its text, by which it is found among the newest of its team. */
import { isAsAsked } from '../as-asked.ts'
import { ending, failed, looking, notSeenWhole } from '../ended.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import { asking, named, seen, type Ask } from './act.ts'
import type { Told } from './ask.ts'
import { isOurTeam } from './fields.ts'
import { withLink } from '../link-marker.ts'
import { isMarked } from './marker.ts'
import { created, foundThere, madeOnce, orNull, ownId } from './own-id.ts'

/** Issues of the team that are looked through, a hundred per page. */
const pagesAtMost = 10

export const create: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const ask = asking(connection, outside)
      const team = await teamNamed(ask, connection, effect.target)
      let after: string | null = null
      for (let page = 0; page < pagesAtMost; page++) {
        const told: Told = (
          await ask(
            `query Newest($id: String!, $after: String) { team(id: $id) { issues(first: 100, after: $after) {
              nodes { id identifier url description creator { id } } pageInfo { hasNextPage endCursor } } } }`,
            { id: team.id, after },
          )
        )['team']['issues']
        const own = (told['nodes'] as Told[]).find((one) => ownOf(one, effect, connection) !== null)
        if (own) return { is: 'there', receipt: receiptOf((await issueWith(ask, String(own['id']))) ?? own, effect) }
        if (!told['pageInfo']['hasNextPage']) return { is: 'absent' }
        after = told['pageInfo']['endCursor'] as string
      }
      throw notSeenWhole(`${team.name} has many newer issues, and this one was not among the latest`)
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const ask = asking(connection, outside)
      const { params } = effect
      const team = await teamNamed(ask, connection, effect.target)
      const { labels } = wantedOf(effect)
      const labelled = labels.length > 0 ? { labelIds: await labelIds(ask, team, labels) } : {}
      const id = ownId(effect.intent)
      const { made, wasThere } = await madeOnce(
        () =>
          created(
            asking(connection, outside, 'write'),
            {
              mutation:
                'mutation Create($input: IssueCreateInput!) { issueCreate(input: $input) { success issue { id } } }',
              name: 'issue',
              refused: 'Linear did not make the issue, and gave no reason.',
            },
            {
              id,
              teamId: team.id,
              title: String(params['title']),
              description: withLink(String(params['body'] ?? ''), effect),
              ...labelled,
            },
          ),
        () => orNull(async () => ownOf(await issueWith(ask, id), effect, connection)),
      )
      const back = wasThere ? made : await issueWith(ask, String(made['id']))
      if (back === null) throw notSeenWhole('Linear made the issue, and does not show it')
      const receipt = receiptOf(back, effect)
      return { is: 'done', receipt: wasThere ? foundThere(receipt) : receipt }
    }),
}

/** The issue with this id, or null. Throws Ended: Linear says that there is none. */
const issueWith = async (ask: Ask, id: string): Promise<Told | null> =>
  (
    await ask(
      'query Back($id: String!) { issue(id: $id) { id identifier url title description creator { id } labels(first: 50) { nodes { name } } } }',
      { id },
    )
  )['issue'] as Told | null

/** It, when our account made it with our link for this intent, else null. */
const ownOf = (one: Told | null, { intent }: Effect, { account }: Connection): Told | null =>
  one !== null &&
  isMarked(one['description'] as string | null, intent) &&
  (account === null || one['creator']?.['id'] === account.id)
    ? one
    : null

type Team = { readonly id: string; readonly key: string; readonly name: string }

const teamNamed = async (ask: Ask, connection: Parameters<Action['look']>[1], name: string): Promise<Team> => {
  const all = (await ask('query Teams { teams(first: 250) { nodes { id key name } } }'))['teams']['nodes'] as Team[]
  const team = all.find((one) => one.key.toLowerCase() === name.toLowerCase()) ?? named(all, name, 'team')
  if (isOurTeam(connection, team)) return team
  throw failed(
    'outside_workflow',
    `The connection ${connection.name} does not name the team ${team.name}.`,
    'Add the team to the connection when it is meant.',
  )
}

/** Labels of the team, and those of everybody. */
const labelIds = async (ask: Ask, team: Team, names: readonly string[]): Promise<string[]> => {
  const told = await ask('query Labels { issueLabels(first: 250) { nodes { id name team { id } } } }')
  const all = (told['issueLabels']['nodes'] as (Team & { team: { id: string } | null })[]).filter(
    (one) => one.team === null || one.team.id === team.id,
  )
  return names.map((name) => named(all, name, 'label').id)
}

const wantedOf = ({ params }: Effect) => ({
  title: String(params['title']),
  labels: (params['labels'] as string[] | undefined) ?? [],
})

const receiptOf = (issue: Told, effect: Effect): Receipt => {
  const wanted = wantedOf(effect)
  const labels = ((issue['labels']?.['nodes'] ?? []) as Told[]).map((one) => String(one['name']))
  return {
    id: String(issue['id']),
    url: String(issue['url']),
    observed: {
      ...seen({ id: String(issue['id']), identifier: String(issue['identifier']) }),
      ...(wanted.labels.length > 0 && { labels }),
    },
    readBack:
      isMarked(issue['description'] as string | null, effect.intent) &&
      isAsAsked(wanted, { title: String(issue['title'] ?? ''), labels }),
  }
}
