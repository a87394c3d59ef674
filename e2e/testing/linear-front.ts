// Linear as a scenario meets it: the program of somebody else (emulate) that answers like it and signs its webhooks. It keeps no history of
// issues and knows no estimates, addresses of comments, ids of the client's or accounts of other tools: these are taken out of questions, and an empty history is put into answers, which is true where nobody edits.
import { createEmulator } from 'emulate'

import type { Json } from './api.ts'
import { openProviderProxy } from './provider-proxy.ts'

export const linearKeys = { us: 'lin_test_viewport', sam: 'lin_test_sam' } as const

export type LinearFront = {
  url: string
  /** Asks as Sam. Throws with Linear's words. */
  ask(query: string, variables?: Json): Promise<Json>
  /** The id of somebody by name. */
  user(name: 'Viewport' | 'Sam'): string
  /** The program sends its signed webhooks there. */
  hook(url: string, secret: string): Promise<void>
  /** Sam files it, and gives it to Viewport; its id. */
  fileBug(title: string, description: string): Promise<string>
  /** The id of a state of the team. */
  state(name: 'Todo' | 'In Review'): string
  /** Sam changes an issue. */
  change(id: string, input: Json): Promise<void>
  /** How it stands: its state, and the texts of its comments in order. */
  issue(id: string): Promise<{ state: string; comments: string[] }>
  close(): Promise<void>
}

const unknown: readonly (readonly [RegExp | string, string])[] = [
  [/history\(first: \d+\) \{ nodes \{ \.\.\.HistoryParts \}( pageInfo \{ hasNextPage \})? \}/g, ''],
  [/fragment HistoryParts on IssueHistory \{[^]*?\\n\}/, ''],
  ['botActor { id name } externalUser { id name }', ''],
  ['id body createdAt url', 'id body createdAt'],
  [' estimate ', ' '],
  [/("input":\{)"id":"[0-9a-f-]{36}",/, '$1'],
]

/** The question without what the program's schema lacks. */
export const knownThere = (question: string): string =>
  unknown.reduce((text, [part, instead]) => text.replace(part, instead), question)

/** The answer with an empty history of each issue. */
export const withHistory = (answer: string): string => {
  const told = JSON.parse(answer) as Json
  for (const issue of [told['data']?.issue, ...(told['data']?.issues?.nodes ?? [])])
    if (issue) issue.history = { nodes: [], pageInfo: { hasNextPage: false } }
  return JSON.stringify(told)
}

/** Acme with the team Payments, where Sam works. */
export async function openLinearFront(): Promise<LinearFront> {
  const emulator = await createEmulator({
    service: 'linear',
    port: 0,
    seed: {
      linear: {
        organization: { name: 'Acme', url_key: 'acme' },
        users: [
          { email: 'viewport@acme.dev', name: 'Viewport', admin: true },
          { email: 'sam@acme.dev', name: 'Sam' },
        ],
        teams: [
          {
            key: 'PAY',
            name: 'Payments',
            states: [
              { name: 'Todo', type: 'unstarted' },
              { name: 'In Review', type: 'started' },
            ],
          },
        ],
        tokens: [
          { token: linearKeys.us, user: 'viewport@acme.dev' },
          { token: linearKeys.sam, user: 'sam@acme.dev' },
        ],
      },
    },
  })
  const front = await openProviderProxy(emulator.url, knownThere, withHistory)
  const ask = async (query: string, variables: Json = {}): Promise<Json> => {
    const came = await fetch(`${emulator.url}/graphql`, {
      method: 'POST',
      headers: { authorization: linearKeys.sam, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    })
    const told = (await came.json()) as Json
    if (told['errors']) throw new Error(JSON.stringify(told['errors']))
    return told['data'] as Json
  }
  const { users, teams } = await ask(
    '{ users { nodes { id name } } teams { nodes { id key states { nodes { id name } } } } }',
  )
  const team = teams.nodes.find((one: Json) => one['key'] === 'PAY') as Json
  const named = (all: Json[], name: string): string => all.find((one) => one['name'] === name)!['id'] as string
  const change: LinearFront['change'] = async (id, input) => {
    const query =
      'mutation ($id: String!, $input: IssueUpdateInput!) { issueUpdate(id: $id, input: $input) { success } }'
    await ask(query, { id, input })
  }
  const user = (name: string): string => named(users.nodes as Json[], name)
  return {
    url: front.url,
    ask,
    user,
    state: (name) => named(team['states'].nodes as Json[], name),
    change,
    async hook(url, secret) {
      const input = { url, secret, resourceTypes: ['Issue', 'Comment'] }
      await ask('mutation ($input: WebhookCreateInput!) { webhookCreate(input: $input) { success } }', { input })
    },
    async fileBug(title, description) {
      const input = { teamId: team['id'], title, description }
      const made = await ask('mutation ($input: IssueCreateInput!) { issueCreate(input: $input) { issue { id } } }', {
        input,
      })
      const { id } = made['issueCreate'].issue as { id: string }
      await change(id, { assigneeId: user('Viewport') })
      return id
    },
    async issue(id) {
      const { issue } = await ask(
        'query ($id: String!) { issue(id: $id) { state { name } comments { nodes { body createdAt } } } }',
        { id },
      )
      return { state: issue.state.name, comments: issue.comments.nodes.map((one: Json) => one['body'] as string) }
    },
    async close() {
      await front.close()
      await emulator.close()
    },
  }
}
