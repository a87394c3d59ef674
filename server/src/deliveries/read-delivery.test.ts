/** What is told by two connections is never taken for one thing, and never for the same people when their servers differ. */
import { expect, test } from 'vitest'
import { TriggerEvent } from '@viewportai/core/event/trigger-event'
import type { ConnectionRow } from '../tools/connections.ts'
import { readDelivery, type ReadDelivery } from './read-delivery.ts'

const row = {
  gone: false,
  accounts: null,
  delivery: 'dlv_1',
  source: 'src_1',
  name: 'one',
  provider_id: 'd-1',
  received_at: 1,
  headers: {},
}
const connectionOf = (tool: string, connection: string, settings: Record<string, string>): ConnectionRow => ({
  connection,
  held: false,
  tool,
  name: connection,
  settings,
  account: { id: '9', name: 'us' },
  problem: null,
  checkedAt: null,
  createdAt: 1,
  sealed: '',
  places: {},
  source: 'src_1',
  lineAt: null,
})
const sam = { person: 'usr_sam', name: 'Sam', teams: [] }
type Read = Extract<ReadDelivery, { event: unknown }>

const jira = (connection: string, site: string): Read => {
  const user = { accountId: 'sam' }
  const issue = {
    id: '10001',
    key: 'PAY-1',
    fields: { summary: 'x', project: { key: 'PAY' }, reporter: user, labels: [] },
  }
  const body = Buffer.from(JSON.stringify({ webhookEvent: 'jira:issue_created', timestamp: 1, user, issue }))
  return readDelivery(
    { ...row, body, tool: 'jira', connection, headers: { 'viewport-part': 'created' } },
    [connectionOf('jira', connection, { site })],
    () => null,
  ) as Read
}

test('two sites that number alike, and two connections to one of them, share no name of an event', () => {
  const names = [
    ...jira('con_1', 'https://acme.atlassian.net').names,
    ...jira('con_2', 'https://other.atlassian.net').names,
    ...jira('con_3', 'https://other.atlassian.net').names,
  ]
  expect(new Set(names).size).toBe(3)
  expect(jira('con_1', 'https://acme.atlassian.net').names).toEqual([names[0]])
})

const github = (base: string, sender = 7, text = 'y'): Read => {
  const user = { id: 7, login: 'sam', type: 'User' }
  const issue = { number: 1, title: 'x', body: text, user, html_url: 'https://github.com/acme/shop/issues/1' }
  const repository = { id: 1, full_name: 'acme/shop' }
  const body = Buffer.from(JSON.stringify({ action: 'opened', issue, repository, sender: { ...user, id: sender } }))
  return readDelivery(
    { ...row, body, tool: 'github', connection: 'con_1', headers: { 'x-github-event': 'issues' } },
    [connectionOf('github', 'con_1', { base })],
    (account) => (account === 'github:7' || account === 'github:ghe.acme.dev/7' ? sam : null),
    { found: { editors: [] } },
  ) as Read
}

test('a text that an event has no room for is cut with a word at its end, and the delivery says so', () => {
  const whole = github('https://api.github.com', 7, 'y'.repeat(200_000))
  expect([whole.event.text.length, whole.event.text.endsWith('y'), whole.note]).toEqual([200_000, true, null])
  const cut = github('https://api.github.com', 7, 'y'.repeat(200_001))
  const where = 'The whole is at https://github.com/acme/shop/issues/1'
  expect(cut.event.text.endsWith(`of 200,001 characters. ${where}]`)).toBe(true)
  expect(cut.note).toContain(`Its text has 200,001 characters`)
  expect(cut.note).toContain(where)
  expect(TriggerEvent.parse(cut.event)).toEqual(cut.event)
})

test("an account's number counts at its own server alone", () => {
  expect(github('https://api.github.com').event).toMatchObject({
    actor: { id: 'github:7', trust: 'member' },
    outsideText: false,
  })
  expect(github('https://ghe.acme.dev/api/v3').event).toMatchObject({
    actor: { id: 'github:ghe.acme.dev/7', trust: 'member' },
    outsideText: false,
  })
  expect(github('https://ghe.other.dev/api/v3').event).toMatchObject({
    actor: { id: 'github:ghe.other.dev/7', trust: 'unknown', person: null },
    outsideText: true,
  })
  expect(github('https://ghe.other.dev/api/v3', 9).event.actor).toMatchObject({
    id: 'github:ghe.other.dev/9',
    trust: 'self',
  })
})

test('who did what a webhook of anybody tells is said beside its data; what stands in the data, or has no id, is nobody', () => {
  const told = (payload: object) =>
    (
      readDelivery(
        { ...row, body: Buffer.from(JSON.stringify(payload)), tool: 'webhook', connection: null, headers: null },
        [],
        (account) => (account === 'github:7' ? sam : null),
      ) as Read
    ).event
  const whole = (payload: object) => [told(payload).actor.trust, told(payload).outsideText]
  expect(whole({ actor: { id: 'github:7' } })).toEqual(['member', false])
  expect(whole({ data: { actor: { id: 'github:7' } } })).toEqual(['source', true])
  expect(whole({ actor: null })).toEqual(['source', true])
  expect(whole({ actor: { id: 'github:8' } })).toEqual(['unknown', true])
  for (const actor of [{}, { name: 'sam' }, { id: null }, { id: ['github:7'] }, 'github:7', 7, ['github:7'], true])
    expect(whole({ actor })).toEqual(['unknown', true])
})

test("what another connection's account of the workspace did at the same server is ours, and nobody's at another one", () => {
  const user = { id: 7, login: 'viewport-two', type: 'User' }
  const issue = { number: 1, title: 'x', body: 'y', user }
  const label = { name: 'agent' }
  const repository = { id: 1, full_name: 'acme/shop' }
  const body = Buffer.from(JSON.stringify({ action: 'labeled', issue, label, repository, sender: user }))
  const by = (base: string, account: string | null) =>
    (
      readDelivery(
        { ...row, body, tool: 'github', connection: 'con_1', headers: { 'x-github-event': 'issues' } },
        [
          connectionOf('github', 'con_1', { base: 'https://api.github.com' }),
          {
            ...connectionOf('github', 'con_2', { base }),
            account: account === null ? null : { id: account, name: 'two' },
          },
        ],
        () => null,
        { found: { editors: [] } },
      ) as Read
    ).event.actor.trust
  expect(by('https://api.github.com/', '7')).toBe('self')
  for (const base of ['https://API.GitHub.com', 'https://api.github.com:443/']) expect(by(base, '7')).toBe('self')
  expect(by('https://api.github.com:8443', '7')).toBe('unknown')
  expect(by('https://api.github.com', '8')).toBe('unknown')
  expect(by('https://ghe.acme.dev/api/v3', '7')).toBe('unknown')
  expect(by('https://api.github.com', null)).toBe('unknown')
})
