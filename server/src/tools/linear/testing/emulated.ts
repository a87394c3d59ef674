/**
 * Linear as the tests of this folder meet it: a program of somebody else (emulate) that answers like it and signs its webhooks. Its schema
 * lacks what asking for news needs: a filter by time, and the history of issues. A small front of ours adds these two from what the program itself tells,
 * and ids of the client's own: a second one is refused in Linear's words, as those tell who tried.
 */
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { createEmulator } from 'emulate'
import { afterAll } from 'vitest'

// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
type Loose = any
export const keys = { us: 'lin_test_viewport', sam: 'lin_test_sam', kim: 'lin_test_kim' } as const
export type EmulatedLinear = Awaited<ReturnType<typeof emulatedLinear>>

/** Acme with the teams Payments and Operations, where sam works. Ended after the tests of the file. */
export const emulatedLinear = async () => {
  const emulator = await createEmulator({
    service: 'linear',
    port: 0,
    seed: {
      linear: {
        organization: { name: 'Acme', url_key: 'acme' },
        users: [
          { email: 'viewport@acme.dev', name: 'Viewport', admin: true },
          { email: 'sam@acme.dev', name: 'Sam' },
          { email: 'kim@acme.dev', name: 'Kim' },
        ],
        teams: ['PAY Payments', 'OPS Operations'].map((team) => ({
          key: team.slice(0, 3),
          name: team.slice(4),
          states: [
            { name: 'Todo', type: 'unstarted' },
            { name: 'In Progress', type: 'started' },
            { name: 'In Review', type: 'started' },
          ],
        })),
        projects: [
          { id: 'project-checkout', name: 'Checkout', team: 'PAY' },
          { id: 'project-ledger', name: 'Ledger', team: 'PAY' },
        ],
        labels: [
          { name: 'bug', team: 'PAY' },
          { name: 'agent', team: 'PAY' },
        ],
        tokens: [
          { token: keys.us, user: 'viewport@acme.dev' },
          { token: keys.sam, user: 'sam@acme.dev' },
          { token: keys.kim, user: 'kim@acme.dev' },
        ],
      },
    },
  })
  const plain = async (query: string, variables: Loose = {}, key: string = keys.sam): Promise<Loose> => {
    const came = await fetch(`${emulator.url}/graphql`, {
      method: 'POST',
      headers: { authorization: key, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    })
    const body = (await came.json()) as Loose
    if (body.errors) throw new Error(JSON.stringify(body.errors))
    return body.data
  }
  const front = await openFront(emulator.url)
  afterAll(async () => {
    front.server.closeAllConnections()
    await new Promise((done) => front.server.close(done))
    await emulator.close()
  })
  await plain('mutation ($input: WebhookCreateInput!) { webhookCreate(input: $input) { success } }', {
    input: { url: `${front.url}/told`, resourceTypes: ['*'] },
  })
  const all = await plain(
    '{ users { nodes { id name email } } teams { nodes { id key states { nodes { id name } } } } issueLabels { nodes { id name } } }',
  )
  front.states(all.teams.nodes.flatMap((team: Loose) => team.states.nodes))
  const idOf = (list: Loose[], field: string, value: string): string => list.find((one) => one[field] === value).id
  const team = (key: string): Loose => all.teams.nodes.find((one: Loose) => one.key === key)
  return {
    url: front.url,
    ask: plain,
    /** Every request that came, as its query. */
    asked: front.asked,
    user: (name: string) => idOf(all.users.nodes, 'name', name),
    label: (name: string) => idOf(all.issueLabels.nodes, 'name', name),
    state: (name: string, key = 'PAY') => idOf(team(key).states.nodes, 'name', name),
    team: (key: string) => team(key).id as string,
    /** The program sends its signed webhooks there. */
    hooks: (url: string, secret: string) =>
      plain('mutation ($input: WebhookCreateInput!) { webhookCreate(input: $input) { success } }', {
        input: { url, secret, resourceTypes: ['Issue', 'Comment'] },
      }),
    create: async (input: Loose = {}, key?: string): Promise<{ id: string; identifier: string }> =>
      (
        await plain(
          'mutation ($input: IssueCreateInput!) { issueCreate(input: $input) { issue { id identifier } } }',
          { input: { teamId: team('PAY').id, title: 'Charged twice', description: 'One cent too much.', ...input } },
          key,
        )
      ).issueCreate.issue,
    update: (id: string, input: Loose, key?: string) =>
      plain(
        'mutation ($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }',
        { id, input },
        key,
      ),
    comment: (issueId: string, body: string, key?: string) =>
      plain(
        'mutation ($input: CommentCreateInput!) { commentCreate(input: $input) { comment { id } } }',
        { input: { issueId, body } },
        key,
      ),
    issue: async (id: string): Promise<Loose> =>
      (
        await plain(
          'query ($id: String!) { issue(id: $id) { id title description state { name } assignee { name } labels { nodes { name } } comments { nodes { id body user { name } } } } }',
          { id },
        )
      ).issue,
  }
}

const openFront = async (behind: string) => {
  const history = new Map<string, Loose[]>()
  const stateNames = new Map<string, string>()
  const asked: string[] = []
  const realIds = new Map<string, string>()
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', async () => {
      const body = JSON.parse(Buffer.concat(parts).toString('utf8')) as Loose
      if (request.url === '/told') {
        remember(history, stateNames, body)
        return response.writeHead(200).end()
      }
      asked.push(body.query)
      const { filter, ...variables } = body.variables ?? {}
      const isList = filter !== undefined
      const made = /mutation .*(comment|issue)Create\(/.exec(body.query)?.[1]
      const ownId: string | undefined = made && variables.input?.id
      if (ownId !== undefined) {
        if (realIds.has(ownId))
          return response.writeHead(200, { 'content-type': 'application/json' }).end(conflict(made!, ownId))
        variables.input = Object.fromEntries(Object.entries(variables.input).filter(([name]) => name !== 'id'))
      }
      if (realIds.has(variables.id)) variables.id = realIds.get(variables.id)
      const came = await fetch(behind + request.url, {
        method: 'POST',
        headers: { authorization: String(request.headers.authorization), 'content-type': 'application/json' },
        body: JSON.stringify({
          query: smaller(body.query),
          variables: isList ? { ...variables, first: 1_000 } : variables,
        }),
      })
      const answer = (await came.json()) as Loose
      const madeId = made && answer.data?.[`${made}Create`]?.[made]?.id
      if (ownId !== undefined && madeId) realIds.set(ownId, madeId)
      for (const list of ['issues', 'comments'] as const)
        if (isList && answer.data?.[list])
          answer.data[list].nodes = answer.data[list].nodes.filter((one: Loose) => fits(one, filter))
      for (const issue of [answer.data?.issue, ...(answer.data?.issues?.nodes ?? [])])
        if (issue) issue.history = { nodes: history.get(issue.id) ?? [], pageInfo: { hasNextPage: false } }
      return response.writeHead(came.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return {
    server,
    asked,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    states: (all: Loose[]) => all.forEach((one) => stateNames.set(one.id, one.name)),
  }
}

const conflict = (made: string, id: string): string => {
  const Entity = made === 'issue' ? 'Issue' : 'Comment'
  const extensions = {
    type: 'invalid input',
    code: 'INPUT_ERROR',
    userPresentableMessage: `Entity ${Entity} with id ${id} already exists.`,
  }
  return JSON.stringify({ errors: [{ message: `conflict on insert of ${Entity}`, extensions }], data: null })
}

/** The query without what the program's schema lacks. */
const smaller = (query: string): string =>
  query
    .replace(/history\(first: \d+\) \{ nodes \{ \.\.\.HistoryParts \}( pageInfo \{[^}]*\})? \}/g, '')
    .replace(/fragment HistoryParts on IssueHistory \{[^]*?\n\}/, '')
    .replace('botActor { id name } externalUser { id name }', '')
    .replace(
      'fragment CommentParts on Comment { id body createdAt url',
      'fragment CommentParts on Comment { id body createdAt',
    )
    .replace(' estimate ', ' ')
    .replace(/\$filter: \w+, /, '')
    .replace(', filter: $filter', '')
    .replace(', orderBy: updatedAt', '')

const fits = (one: Loose, filter: Loose): boolean => {
  const names = (filter.team ?? filter.issue?.team)?.or.map((or: Loose) =>
    (or.key ?? or.name).eqIgnoreCase.toLowerCase(),
  )
  const team = (one.issue ?? one).team
  const [time] = ['updatedAt', 'createdAt'].filter((name) => filter[name])
  return (
    one[time!] >= filter[time!].gte &&
    (!names || names.includes(team.key.toLowerCase()) || names.includes(team.name.toLowerCase()))
  )
}

/** What a webhook of the program tells becomes an entry of the issue's history. */
const remember = (
  history: Map<string, Loose[]>,
  states: Map<string, string>,
  { type, action, data, actor, updatedFrom, createdAt }: Loose,
): void => {
  if (type !== 'Issue' || action !== 'update') return
  const state = (id: string): Loose => ({ id, name: states.get(id) })
  const had = updatedFrom.labels.map((one: Loose) => one.id)
  const has = data.labels.map((one: Loose) => one.id)
  const moved = updatedFrom.stateId !== data.stateId
  const assigned = updatedFrom.assigneeId !== data.assigneeId
  const all = history.get(data.id) ?? []
  all.push({
    id: `history-${data.id}-${all.length}`,
    createdAt,
    updatedAt: createdAt,
    actor: { id: actor.id, name: actor.name, app: false, guest: false },
    fromAssigneeId: assigned ? updatedFrom.assigneeId : null,
    toAssigneeId: assigned ? data.assigneeId : null,
    fromState: moved ? state(updatedFrom.stateId) : null,
    toState: moved ? state(data.stateId) : null,
    addedLabels: data.labels.filter((one: Loose) => !had.includes(one.id)),
    removedLabelIds: had.filter((id: string) => !has.includes(id)),
    toTitle: updatedFrom.title === data.title ? null : data.title,
    updatedDescription: updatedFrom.description !== data.description,
  })
  history.set(data.id, all)
}
