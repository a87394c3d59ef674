/**
 * How quickly is a webhook of each connected tool taken, one by one and in a burst, and is each stored once?
 * Every delivery is signed as its tool signs, and tells of a thing of its own. No tool is asked: nothing listens to what they tell.
 */
import { createHmac, randomBytes } from 'node:crypto'
import { idFrom } from '@viewportai/core/ids'
import { inWorkspace } from '@viewportai/viewport/src/database/tenant.ts'
import { keepConnection } from '@viewportai/viewport/src/tools/keep.ts'
import { toolNamed } from '@viewportai/viewport/src/tools/table.ts'
import { against, median, p95Of, type Figure } from './figures.ts'
import { inLanes, inTurn, sender } from './requests.ts'
import { until } from './until.ts'
import type { Place } from './place.ts'
import type { Size } from './size.ts'

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const hex = (text: string): string => createHmac('sha256', secret).update(text).digest('hex')
const user = { id: 2, login: 'sam', username: 'sam', name: 'Sam' }
const commit = '1f7a7a4722a4d3a1b1f7a7a4722a4d3a1b1f7a7a'

type Sent = { readonly body: string; readonly headers: Record<string, string>; readonly query?: string }
type Sender = {
  /** Who the tool says we are; null: it was not asked. */
  readonly account?: { readonly id: string; readonly name: string; readonly app: string }
  readonly settings: Record<string, string>
  readonly secrets: Record<string, string>
  /** The n-th delivery. */
  sent(n: number): Sent
}

const senders: Readonly<Record<string, Sender>> = {
  github: {
    settings: { base: 'https://api.github.com' },
    secrets: { token: 'x', webhook_secret: secret },
    sent(n) {
      const issue = { number: n + 1, title: `Prices ${n}`, body: 'One cent too much.', user, labels: [], assignees: [] }
      const body = JSON.stringify({
        action: 'opened',
        issue,
        repository: { id: 1, full_name: 'acme/shop' },
        sender: user,
      })
      return {
        body,
        headers: {
          'x-github-event': 'issues',
          'x-github-delivery': `d-${n}`,
          'x-hub-signature-256': `sha256=${hex(body)}`,
        },
      }
    },
  },
  gitlab: {
    settings: { base: 'https://gitlab.com' },
    secrets: { token: 'x', webhook_secret: secret },
    sent(n) {
      const told = { iid: n + 1, title: `Prices ${n}`, description: 'One cent too much.', author_id: 2, action: 'open' }
      const project = { id: 15, path_with_namespace: 'acme/shop' }
      const body = JSON.stringify({ object_kind: 'issue', user, project, object_attributes: told, labels: [] })
      const at = String(Math.floor(Date.now() / 1_000))
      const signed = createHmac('sha256', Buffer.alloc(32, 7)).update(`d-${n}.${at}.${body}`).digest('base64')
      return { body, headers: { 'webhook-id': `d-${n}`, 'webhook-timestamp': at, 'webhook-signature': `v1,${signed}` } }
    },
  },
  linear: {
    settings: { base: 'https://api.linear.app' },
    secrets: { key: 'x', signing: secret },
    sent(n) {
      const data = {
        id: `issue-${n}`,
        identifier: `PAY-${n}`,
        title: `Prices ${n}`,
        team: { id: 't', key: 'PAY', name: 'Pay' },
      }
      const told = {
        type: 'Issue',
        action: 'create',
        actor: { id: 'sam', name: 'Sam' },
        data,
        webhookTimestamp: Date.now(),
      }
      const body = JSON.stringify(told)
      return { body, headers: { 'linear-signature': hex(body), 'linear-delivery': `d-${n}` } }
    },
  },
  jira: {
    settings: { site: 'https://acme.atlassian.net', email: 'us@acme.dev' },
    secrets: { token: 'x', signing: secret },
    sent(n) {
      const issue = { id: String(n), key: `PAY-${n}`, fields: { summary: `Prices ${n}`, project: { key: 'PAY' } } }
      const body = JSON.stringify({ webhookEvent: 'jira:issue_created', timestamp: Date.now(), issue })
      return { body, headers: { 'x-hub-signature': `sha256=${hex(body)}`, 'x-atlassian-webhook-identifier': `d-${n}` } }
    },
  },
  slack: {
    account: { id: 'T012AB3C4/U0VIEWPORT', name: 'viewport', app: 'A0VIEWPORT' },
    settings: {},
    secrets: { token: 'x', signing: secret },
    sent(n) {
      const at = String(Math.floor(Date.now() / 1_000))
      const event = {
        type: 'app_mention',
        user: 'U024SAM',
        team: 'T012AB3C4',
        text: `<@U0VIEWPORT> the prices ${n} are one cent too much`,
        ts: `${at}.${String(n).padStart(6, '0')}`,
        channel: 'C024BE91L',
        event_ts: `${at}.${String(n).padStart(6, '0')}`,
      }
      const body = JSON.stringify({
        type: 'event_callback',
        team_id: 'T012AB3C4',
        api_app_id: 'A0VIEWPORT',
        event,
        event_id: `Ev${n}`,
        event_time: Number(at),
      })
      return {
        body,
        headers: { 'x-slack-request-timestamp': at, 'x-slack-signature': `v0=${hex(`v0:${at}:${body}`)}` },
      }
    },
  },
  ci: {
    settings: {},
    secrets: { token: secret },
    sent(n) {
      const failure = '<failure message="expected 2 to be 3">at prices.test.ts:7</failure>'
      const cases = Array.from(
        { length: 100 },
        (_none, at) => `<testcase classname="prices" name="case ${at}">${at === n % 100 ? failure : ''}</testcase>`,
      )
      return {
        body: `<testsuites><testsuite name="prices">${cases.join('')}</testsuite></testsuites>`,
        headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/xml' },
        query: `?repo=acme/shop&commit=${commit}&branch=main&job=test&build=${n}`,
      }
    },
  },
}

/**
 * Serial acks and a burst for each tool, each round beginning with another tool, so that none always comes last. One by one begins when what came
 * before was worked on: the burst of another tool is none of its business, and its own was measured.
 */
export const toolFigures = async (
  place: Place,
  { rounds, tools: { warm, alone, burst, lanes } }: Size,
): Promise<Figure[]> => {
  const names = Object.keys(senders)
  const each = new Map(
    await Promise.all(names.map(async (name) => [name, await connected(place, name, lanes)] as const)),
  )
  for (const { post } of each.values()) await inTurn(post, warm)
  for (let round = 0; round < rounds; round++)
    for (const at of names.keys()) {
      const { name, post, serial, rates } = each.get(names[(at + round) % names.length]!)!
      await until(`deliveries before ${name}`, async () => (await waiting(place)) === 0, 20)
      serial.push(await inTurn(post, alone))
      const began = performance.now()
      await inLanes(lanes, burst, async () => void (await post()))
      rates.push(burst / ((performance.now() - began) / 1_000))
    }
  const figures: Figure[] = []
  for (const one of each.values()) figures.push(...(await figuresOf(place, one, lanes)))
  return figures
}

const counted = async (place: Place, where: string, values: unknown[] = []): Promise<number> =>
  inWorkspace(
    place.db,
    place.workspace,
    async (tx) =>
      (
        await tx.query<{ n: number }>(`select count(*) as n from vp.deliveries where workspace = $1 and ${where}`, [
          place.workspace,
          ...values,
        ])
      ).rows[0]!.n,
  )

/** Deliveries that nobody has worked on yet. */
const waiting = (place: Place): Promise<number> => counted(place, `state = 'stored'`)

type Connected = {
  readonly name: string
  readonly source: string
  /** Sends the next delivery; answers how long the ack took (ms). */
  post(): Promise<number>
  sent(): number
  close(): void
  readonly serial: number[][]
  readonly rates: number[]
}

const connected = async (place: Place, name: string, lanes: number): Promise<Connected> => {
  const { settings, secrets, sent, account = null } = senders[name]!
  const [id, source] = [idFrom('con', randomBytes(13)), idFrom('src', randomBytes(13))]
  const { workspace, db, key, people } = place
  const asker = {
    workspace,
    person: people.jess,
    handle: 'jess',
    name: 'Jess',
    role: 'admin',
    teams: [],
    token: null,
  } as const
  await inWorkspace(db, workspace, (tx) =>
    keepConnection(
      tx,
      key,
      { ...asker, teams: [], by: { auth: 'session', hash: '', csrf: '', ageMillis: 0 } },
      toolNamed(name)!,
      { id, workspace, name, settings, secrets, account, tool: name, source },
    ),
  )
  const { send, close } = sender(place.url, lanes)
  let count = 0
  return {
    name,
    source,
    async post() {
      const { body, headers, query = '' } = sent(count++)
      const answer = await send(
        'POST',
        `/hooks/${source}${query}`,
        { 'content-type': 'application/json', ...headers },
        body,
      )
      if (answer.status !== 202) throw new Error(`a webhook of ${name} was answered ${answer.status}: ${answer.body}`)
      return answer.millis
    },
    sent: () => count,
    close,
    serial: [],
    rates: [],
  }
}

const figuresOf = async (
  place: Place,
  { name, source, sent, close, serial, rates }: Connected,
  lanes: number,
): Promise<Figure[]> => {
  close()
  const wrong = Math.abs((await counted(place, 'source = $2', [source])) - sent())
  if (wrong > 0) throw new Error(`${wrong} of ${sent()} deliveries of ${name} were lost or stored twice`)
  return [
    p95Of(`${name}: webhook ack, serial, p95`, serial, 5),
    against(`${name}: webhook acks, ${lanes} at once`, median(rates), null, (n) => `${Math.round(n)}/s`, {
      atLeast: true,
    }),
  ]
}
