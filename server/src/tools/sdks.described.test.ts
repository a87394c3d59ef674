/**
 * What our actions wrote, read with the makers' own clients, and signatures, judged by the makers' own verifiers and by ours. The clients are installed by the
 * check alone (e2e/described); the product asks each tool itself.
 */
import { createHmac } from 'node:crypto'
import { createRequire } from 'node:module'
import { expect, test } from 'vitest'
import { openOutside } from './outside.ts'
import type { Connection } from './port.ts'
import { testEffect } from './testing/effect.ts'
import { emulatedGitHub, tokens as github } from './github/testing/emulated.ts'
import { emulatedLinear, keys } from './linear/testing/emulated.ts'
import { emulatedSlack, ourApp, tokens as slack } from './slack/testing/emulated.ts'
import { toolNamed } from './table.ts'

const modules = new URL('../../../e2e/described/node_modules/', import.meta.url)
const installed = createRequire(modules)
type Verifier = { sign(secret: string, body: string): Promise<string>; verify(...words: string[]): Promise<boolean> }
type Octokit = new (options: object) => {
  request(route: string, params: object): Promise<{ data: { body: string }[] }>
}
type WebClient = new (
  token: string,
  options: object,
) => { conversations: { replies(of: object): Promise<{ messages: { text: string; ts: string }[] }> } }
type Told = { data: { issue: { comments: { nodes: { body: string }[] } } } }
type LinearClient = new (options: object) => { client: { rawRequest(query: string, variables: object): Promise<Told> } }
type LinearVerifier = new (secret: string) => { verify(body: Buffer, signature: string, at?: number): boolean }

const outside = openOutside(['127.0.0.1', 'localhost'])
const connected = (name: string, more: Partial<Connection>): Connection => ({
  id: 'con_1',
  workspace: 'ws_1',
  name,
  settings: {},
  secrets: {},
  account: null,
  ...more,
})
const does = async (
  tool: string,
  action: string,
  ...[effect, connection]: [ReturnType<typeof testEffect>, Connection]
) => expect(await toolNamed(tool)!.actions[action]!.carryOut(effect, connection, outside)).toMatchObject({ is: 'done' })
const secret = '8f742231b10e8888abcd99yyyzzz85a5'
const taken = (tool: string, headers: Record<string, string>, body: string) =>
  toolNamed(tool)!.hook!.take(
    { headers: { 'content-type': 'application/json', ...headers }, body: Buffer.from(body), at: Date.now(), query: '' },
    connected(tool, { secrets: { webhook_secret: secret, signing: secret } }),
  )

test('GitHub: a comment of ours is what its client reads; its signature is ours', async () => {
  const hub = await emulatedGitHub()
  const { number } = await hub.ask('POST', '/repos/acme/shop/issues', { title: 'Prices', body: 'x' }, github.sam)
  const connection = connected('github', { settings: { base: hub.url }, secrets: { token: github.us } })
  await does(
    'github',
    'github.comment',
    testEffect({ target: `acme/shop#${number}`, params: { text: 'It is mended.' } }),
    connection,
  )
  const { Octokit } = installed('@octokit/core') as { Octokit: Octokit }
  const { data } = await new Octokit({ baseUrl: hub.url, auth: github.sam }).request(
    'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
    { owner: 'acme', repo: 'shop', issue_number: number },
  )
  expect(data.map(({ body }) => body)).toEqual([expect.stringContaining('It is mended.')])

  // It has no entry for `require`.
  const { sign, verify } = (await import(
    new URL('@octokit/webhooks-methods/dist-node/index.js', modules).href
  )) as Verifier
  const body = JSON.stringify({ action: 'opened', issue: { number: 1 } })
  const headers = { 'x-github-event': 'issues', 'x-github-delivery': 'd1' }
  expect(taken('github', { ...headers, 'x-hub-signature-256': await sign(secret, body) }, body)).toMatchObject({
    id: 'd1',
  })
  expect(taken('github', { ...headers, 'x-hub-signature-256': await sign('another', body) }, body)).not.toHaveProperty(
    'id',
  )
  const ours = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
  expect(await verify(secret, body, ours)).toBe(true)
})

test('Slack: a reply of ours is what its client reads', async () => {
  const at = await emulatedSlack()
  const support = at.channel('support')
  const ts = await at.say(support, 'Charged twice')
  const connection = connected('slack', {
    settings: { base: at.url, channels: 'support' },
    secrets: { token: slack.us },
    account: { id: `${at.team}/U0VIEWPORT`, name: 'viewport', app: ourApp, site: 'https://acme.slack.com/' },
  })
  await does(
    'slack',
    'slack.comment',
    testEffect({ target: `${support}/${ts}`, params: { text: 'It is mended.' } }),
    connection,
  )
  const { WebClient } = installed('@slack/web-api') as { WebClient: WebClient }
  const client = new WebClient(slack.sam, { slackApiUrl: `${at.url}/api/`, retryConfig: { retries: 0 } })
  const { messages } = await client.conversations.replies({ channel: support, ts })
  expect(messages.map(({ text }) => text)).toEqual(['Charged twice', expect.stringContaining('It is mended.')])
})

test('Linear: a comment of ours is what its client reads; its verifier takes what ours takes', async () => {
  const at = await emulatedLinear()
  const { id, identifier } = await at.create()
  const connection = connected('linear', {
    settings: { base: at.url, teams: 'Payments' },
    secrets: { key: keys.us },
    account: { id: at.user('Viewport'), name: 'Viewport' },
  })
  await does(
    'linear',
    'linear.comment',
    testEffect({ target: identifier, params: { text: 'It is mended.' } }),
    connection,
  )
  const { LinearClient } = installed('@linear/sdk') as { LinearClient: LinearClient }
  // Its own question about an issue names types that the counterpart does not have; a plainer one goes the same way.
  const { data } = await new LinearClient({ apiKey: keys.sam, apiUrl: `${at.url}/graphql` }).client.rawRequest(
    'query ($id: String!) { issue(id: $id) { comments { nodes { body } } } }',
    { id },
  )
  expect(data.issue.comments.nodes.map(({ body }) => body)).toEqual([expect.stringContaining('It is mended.')])

  const { LinearWebhookClient } = installed('@linear/sdk/webhooks') as { LinearWebhookClient: LinearVerifier }
  const body = JSON.stringify({ type: 'Issue', action: 'create', webhookTimestamp: Date.now(), data: { id } })
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  const verifier = new LinearWebhookClient(secret)
  expect(verifier.verify(Buffer.from(body), signature, Date.now())).toBe(true)
  expect(
    taken('linear', { 'linear-signature': signature, 'linear-delivery': 'd1', 'linear-event': 'Issue' }, body),
  ).toMatchObject({ id: 'd1' })
  const other = createHmac('sha256', 'another').update(body).digest('hex')
  expect(() => verifier.verify(Buffer.from(body), other, Date.now())).toThrow()
  expect(
    taken('linear', { 'linear-signature': other, 'linear-delivery': 'd1', 'linear-event': 'Issue' }, body),
  ).toMatchObject({ refusal: 'signature_invalid' })
})
