/** Another address for a connection: what guards what goes out is given or made anew and shown, what judges what comes in stays. */
import { createHmac } from 'node:crypto'
import { expect, test } from 'vitest'
import { viewportOf } from '../../test/cli.ts'
import { send, testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedGitHub, tokens } from './github/testing/emulated.ts'
import { toolNamed, toolNames } from './table.ts'

const hub = await emulatedGitHub()
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const acme = await workspace('acme', ['payments'])
const viewport = await viewportOf(acme.admin)
const { host } = new URL(hub.url)
/** The same program under another name: to us it is another server. */
const elsewhere = host.startsWith('localhost')
  ? hub.url.replace('localhost', '127.0.0.1')
  : hub.url.replace('127.0.0.1', 'localhost')

const connected = async (tool: string, values: object, name = tool) => {
  const { status, body } = await acme.admin.post('/api/connections', { tool, name, values })
  expect(status, JSON.stringify(body)).toBe(201)
  return body
}
const changeOf = (id: string, values: object) => acme.admin.put(`/api/connections/${id}`, { values })
/** The last `connection.changed` of the workspace. */
const lastChange = () =>
  inWorkspace(plane.context.db, acme.id, async (tx) => {
    const { rows } = await tx.query<{ text: string }>(
      `select text from vp.facts where workspace = $1 and type = 'connection.changed' order by position desc limit 1`,
      [tx.workspace],
    )
    return JSON.parse(rows[0]!.text).data
  })

test('a webhook target at another address gets another secret, which is printed once and named in the record', async () => {
  const { connection, made } = await connected('webhook', { url: 'http://127.0.0.1:9/hooks' })
  const said = await viewport('connections', 'change', connection.id, '--set', 'url=http://127.0.0.1:9/hooks2')
  const printed = /secret: (whsec_\S+)/.exec(said.out)?.[1]
  expect(printed, said.out + said.err).toBeDefined()
  expect(printed).not.toBe(made.secret)
  expect((await lastChange()).secrets).toEqual(['secret'])
  const again = await viewport('connections', 'change', connection.id, '--set', 'home=#payments')
  expect(again.out).not.toMatch(/whsec_/)
  expect((await lastChange()).secrets).toEqual([])
})

test('another address of the forge leaves the token that CI sends, and asks for the one that is sent there', async () => {
  const { connection, made } = await connected('ci', { forge: 'github', base: hub.url, forge_token: tokens.us })
  const tell = async (job: string): Promise<number> =>
    (
      await send(
        '',
        'POST',
        `${connection.url}?repo=acme/shop&commit=0123456789&branch=main&job=${job}&status=failed`,
        {
          body: '',
          headers: { authorization: `Bearer ${made.token}`, 'content-type': 'application/xml' },
        },
      )
    ).status
  expect(await tell('a')).toBe(202)
  expect((await changeOf(connection.id, { base: elsewhere })).body.detail).toContain(
    "Forge's token was given for the one before",
  )
  const changed = await changeOf(connection.id, { base: elsewhere, forge_token: tokens.us })
  expect([changed.status, changed.body.made]).toEqual([200, {}])
  expect(changed.body.notes.join(' ')).toContain('Token of CI stays as it was')
  expect((await lastChange()).secrets).toEqual(['forge_token'])
  expect(await tell('b')).toBe(202)
})

test('GitHub at another address goes on to be judged by the same webhook secret', async () => {
  const { connection, made } = await connected('github', { base: hub.url, token: tokens.us })
  const body = JSON.stringify({ zen: 'Keep it logically awesome.', hook_id: 1 })
  const signed = (secret: string) => ({
    'content-type': 'application/json',
    'x-github-event': 'ping',
    'x-github-delivery': crypto.randomUUID(),
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  })
  const arrives = async (secret: string): Promise<number> =>
    (await send('', 'POST', connection.url, { body, headers: signed(secret) })).status
  expect(await arrives(made.webhook_secret)).toBe(202)
  expect((await changeOf(connection.id, { base: elsewhere })).status).toBe(422)
  const changed = await changeOf(connection.id, { base: elsewhere, token: tokens.us })
  expect([changed.status, changed.body.made]).toEqual([200, {}])
  expect([await arrives(made.webhook_secret), await arrives('another')]).toEqual([202, 401])
})

test('every tool with an address says of each of its secrets which way it guards', () => {
  const ways = toolNames.flatMap((name) =>
    toolNamed(name)!
      .fields.filter(({ secret }) => secret)
      .map((field) => `${name}.${field.name} ${field.signs ? 'in' : 'out'}`),
  )
  expect(ways.toSorted()).toEqual([
    'ci.forge_token out',
    'ci.token in',
    'github.private_key out',
    'github.token out',
    'github.webhook_secret in',
    'gitlab.token out',
    'gitlab.webhook_secret in',
    'jira.signing in',
    'jira.token out',
    'linear.key out',
    'linear.signing in',
    'slack.app out',
    'slack.signing in',
    'slack.token out',
    'webhook.secret out',
  ])
})

test('whose account is named by numbers of the server before is said, with how to link them there', async () => {
  const sam = await acme.person('sam', { teams: ['payments'] })
  const { connections } = (await acme.admin.get('/api/connections')).body
  for (const one of connections) expect((await acme.admin.del(`/api/connections/${one.id}`)).status).toBe(204)
  const { connection } = await connected('github', { base: hub.url, token: tokens.us })
  const account = `github:${host}/${hub.ids.sam}`
  expect((await acme.admin.post(`/api/people/${sam.id}/accounts`, { account, name: 'sam' })).status).toBeLessThan(300)
  const there = `github:${new URL(elsewhere).host}/NUMBER`
  const said = await changeOf(connection.id, { base: elsewhere, token: tokens.us })
  expect(said.body.notes.join(' ')).toContain(`${account} (@sam)`)
  expect(said.body.notes.join(' ')).toContain(`viewport people link @HANDLE ${there}`)
  // Nobody is linked by its numbers, so nobody is lost on the way back.
  const back = await changeOf(connection.id, { base: hub.url, token: tokens.us })
  expect(back.body.notes.join(' ')).not.toContain('linked by numbers')
  // Where another connection still tells of that server, they are known by it.
  const beside = await connected('github', { base: hub.url, token: tokens.us }, 'beside')
  const gone = await changeOf(connection.id, { base: elsewhere, token: tokens.us })
  expect(gone.body.notes.join(' ')).not.toContain('linked by numbers')
  expect((await acme.admin.del(`/api/connections/${beside.connection.id}`)).status).toBe(204)
  await changeOf(connection.id, { base: hub.url, token: tokens.us })
})

test('at the server that everybody uses, accounts are those without a server in their name', async () => {
  const of = await workspace('cloud', ['payments'])
  const kim = await of.person('kim')
  for (const account of ['github:583231', 'github:ghe.acme.dev/583232'])
    expect((await of.admin.post(`/api/people/${kim.id}/accounts`, { account, name: 'kim' })).status).toBe(204)
  const made = await of.admin.post('/api/connections', { tool: 'github', name: 'github', values: {}, held: true })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  const said = await of.admin.put(`/api/connections/${made.body.connection.id}`, {
    values: { base: 'https://ghe.acme.dev/api/v3' },
  })
  const notes = said.body.notes.join(' ')
  expect(notes).toContain(
    'An account is linked by numbers of github.com, which no event names any more: github:583231 (@kim).',
  )
  expect(notes).toContain('viewport people link @HANDLE github:ghe.acme.dev/NUMBER')
})

test('a connection that a runner holds beside another one of its tool is said to stop what acts there', async () => {
  const made = await acme.admin.post('/api/connections', {
    tool: 'github',
    name: 'second',
    values: { base: hub.url },
    held: true,
  })
  expect(made.status, JSON.stringify(made.body)).toBe(201)
  expect(made.body.notes.join(' ')).toContain(
    'There are 2 connections to GitHub, and a runner holds the credential of second',
  )
  const alone = await acme.admin.post('/api/connections', { tool: 'ci', name: 'alone', values: {} })
  expect(alone.body.notes.join(' ')).not.toContain('connections to')
  const stops = 'There are 2 connections to GitHub, and a runner holds the credential of second'
  expect((await changeOf(made.body.connection.id, { base: elsewhere })).body.notes.join(' ')).toContain(stops)
})

test('one that a runner holds alone stops nothing, nor does a webhook target beside another one: each is named', async () => {
  const of = await workspace('alone')
  const made = async (tool: string, name: string, values: object) => {
    const { status, body } = await of.admin.post('/api/connections', { tool, name, values, held: true })
    expect(status, JSON.stringify(body)).toBe(201)
    return body.notes.join(' ')
  }
  expect(await made('github', 'only', { base: hub.url })).not.toContain('it must be the only one')
  for (const name of ['one', 'two'])
    expect(await made('webhook', name, { url: `http://127.0.0.1:9/${name}` })).not.toContain('it must be the only one')
})

test('a channel for a team that is not there is kept and said', async () => {
  const { connection } = await connected(
    'webhook',
    { url: 'http://127.0.0.1:9/other', 'home.payments': '#payments' },
    'other',
  )
  const { notes } = (await changeOf(connection.id, { 'home.paymnts': '#payments' })).body
  expect(notes.join(' ')).toContain('there is no team called paymnts; there are payments')
  expect((await changeOf(connection.id, { 'home.payments': '#pay' })).body.notes).toEqual([
    'home.payments is kept, and nothing goes by it: only in Slack messages go where nothing was said before.',
  ])
  expect((await changeOf(connection.id, { 'home.paymnts': '' })).body.notes).toEqual([]) // taken back
  const slip = await connected('webhook', { url: 'http://127.0.0.1:9/slip', 'home.paments': '#payments' }, 'slip')
  expect(slip.notes.join(' ')).toContain('there is no team called paments; there are payments')
})
