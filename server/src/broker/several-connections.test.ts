/** A workspace with several GitHub connections: actions of runs that a person started, two programs of somebody else that behave like GitHub. */
import { describe, expect, test, vi } from 'vitest'
import { planned } from '@viewportai/core/run/testing/play'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { sendSigned } from '../tools/github/testing/signed.ts'
import { emulatedGitHub, tokens } from '../tools/github/testing/emulated.ts'

const hub = await emulatedGitHub()
const enterprise = await emulatedGitHub()
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db } = plane.context
const { host } = new URL(hub.url)
let count = 0

type Made = { name: string; base: string; token: string; repos?: string }
const second = { name: 'second', base: hub.url, token: tokens.sam }

/** A workspace whose repository acme/shop is at the first GitHub, with these connections and a workflow that writes an issue there. */
const bench = async (
  connections: Made[],
  { trigger = 'manual', gate = '', then = '', url = `https://${host}/acme/shop.git` } = {},
) => {
  const of = await workspace(`several${++count}`, ['payments'])
  await of.person(`jess${count}`, { teams: ['payments'] })
  await pairedRunner(db, of.id)
  await of.admin.post('/api/repositories', { name: 'acme/shop', url, defaultBranch: 'main' })
  const connect = async ({ name, ...values }: Made): Promise<string> => {
    const { status, body } = await of.admin.post('/api/connections', { tool: 'github', name, values })
    expect(status, JSON.stringify(body)).toBe(201)
    return body.connection.id
  }
  const ids = []
  for (const one of connections) ids.push(await connect(one))
  const source = `name: two\nteam: payments\ntrigger: ${trigger}\nrepos: [acme/shop]\nsteps:\n  - { id: plan, mode: plan, prompt: Look }\n${gate}  - { action: github.create_issue, id: tell, repo: acme/shop, title: "From run ${count}" }\n${then}`
  const saved = (await of.admin.post('/api/workflows', { source })).body
  const enabled = (await of.admin.put('/api/workflows/two/enabled', { enabled: true })).body
  const start = async () => {
    const { status, body } = await of.admin.post('/api/runs', { workflow: 'two', title: 'Prices' })
    expect(status, JSON.stringify(body)).toBe(201)
    return new Story(db, of.id, body.run)
  }
  return { of, ids, connect, saved, enabled, start }
}
const ended = (story: Story) =>
  vi.waitFor(
    async () => {
      const one = Object.values((await story.state()).intents).find((x) => x.action === 'github.create_issue')
      expect(['succeeded', 'failed']).toContain(one?.state)
      return one!
    },
    { timeout: 20_000 },
  )
const planOf = async (story: Story) => {
  await story.finishes('plan', planned)
  return story
}

test.each<[string, Made[]]>([
  ['each names its repositories, at one server', [{ ...second, repos: 'acme/elsewhere' }]],
  ['they are at two servers', [{ name: 'enterprise', base: enterprise.url, token: tokens.us }]],
])('of two, the one that holds the repository acts: %s', { timeout: 60_000 }, async (_how, more) => {
  const first = { name: 'first', base: hub.url, token: tokens.us, ...(more[0]!.repos && { repos: 'acme/shop' }) }
  const { saved, start, ids } = await bench([...more, first])
  expect(saved.missing).toEqual([])
  const intent = await ended(await planOf(await start()))
  expect(intent).toMatchObject({ state: 'succeeded', through: { connection: ids.at(-1), name: 'first' } })
  expect(intent.receipt!.url).toContain(hub.url)
})

test('two that may both hold it: not ready, with what tells them apart; ready once one is set to it', async () => {
  const { of, ids, saved, enabled } = await bench([{ name: 'first', base: hub.url, token: tokens.us }, second])
  expect(saved.missing).toMatchObject([
    {
      kind: 'connection',
      name: 'github',
      why: expect.stringContaining('2 connections to github may hold it (first at'),
      fix: { command: 'viewport connections change ID --set repos=owner/name' },
    },
  ])
  expect(enabled).toMatchObject({ code: 'not_ready' })
  await of.admin.put(`/api/connections/${ids[0]}`, { values: { repos: 'acme/shop' } })
  expect((await of.admin.get('/api/workflows/two')).body.missing).toEqual([])
})

test('an event of the tool says which is meant, so such a workflow is ready; by hand it does not start', async () => {
  const two = [{ name: 'first', base: hub.url, token: tokens.us }, second]
  const trigger = '[manual, { github: { event: issue_opened, started_by: [team:payments] } }]'
  const { of, saved } = await bench(two, { trigger })
  expect(saved.missing).toEqual([])
  const { status, body } = await of.admin.post('/api/runs', { workflow: 'two', title: 'Prices' })
  expect([status, body.detail]).toEqual([422, expect.stringContaining('nothing says which is meant')])
})

test.each([
  ['https://gitlab.com/acme/shop.git', false],
  ['file:///srv/git/acme/shop.git', true],
])('a repository at %s, with one GitHub elsewhere: ready %s', async (url, ready) => {
  const { saved, enabled } = await bench([{ name: 'first', base: hub.url, token: tokens.us }], { url })
  if (ready) return expect(saved.missing).toEqual([])
  expect(saved.missing).toMatchObject([
    { kind: 'connection', name: 'github', why: expect.stringContaining(`acme/shop (${url})`) },
  ])
  expect(enabled).toMatchObject({ code: 'not_ready' })
})

test(
  'one that is made after the run began, and may hold it as well, is no guess: a person is told',
  { timeout: 60_000 },
  async () => {
    const { connect, start } = await bench([{ name: 'first', base: hub.url, token: tokens.us }])
    const story = await start()
    await connect(second)
    const { failure, state } = await ended(await planOf(story))
    expect([state, failure]).toMatchObject([
      'failed',
      { code: 'several_connections', check: expect.stringContaining('repos=owner/name') },
    ])
  },
)

test('whoever approves sees through which of several it goes, and as whom', { timeout: 60_000 }, async () => {
  const first = { name: 'first', base: hub.url, token: tokens.us, repos: 'acme/shop' }
  const { of, start } = await bench([second, first], {
    gate: '  - { gate: tell_review, of: tell, approvers: [team:payments] }\n',
  })
  const story = await planOf(await start())
  const gate = await story.gate()
  expect((await of.admin.get(`/api/gates/${gate.id}`)).body.then[0]).toMatch(
    new RegExp(`^github.create_issue, through the connection first \\(\\S+ at ${hub.url}\\)\\.$`),
  )
})

describe('a word on a card that names a connection', () => {
  const first = { name: 'first', base: hub.url, token: tokens.us, repos: 'acme/shop' }
  const elsewhere = { ...second, repos: 'acme/elsewhere' }
  /** An admin turns the two round. */
  const swapped = async ({ of, ids }: Awaited<ReturnType<typeof bench>>) => {
    for (const [id, repos] of [
      [ids[1], 'acme/elsewhere'],
      [ids[0], 'acme/shop'],
    ])
      expect((await of.admin.put(`/api/connections/${id}`, { values: { repos } })).status).toBe(200)
  }
  const asked = async (more = '') => {
    const made = await bench([elsewhere, first], {
      gate: `  - { gate: tell_review, of: tell, approvers: [team:payments]${more} }\n`,
    })
    await made.of.person(`dana${count}`, { teams: ['payments'] })
    expect((await made.of.admin.put('/api/workflows/two/enabled', { enabled: true })).status).toBe(200)
    const story = await planOf(await made.start())
    const gate = await story.gate()
    expect((await made.of.admin.get(`/api/gates/${gate.id}`)).body.then[0]).toContain('through the connection first')
    return { ...made, story }
  }
  const notDone = {
    state: 'failed',
    through: null,
    failure: {
      code: 'connection_changed',
      summary: expect.stringContaining('may be another one than second'),
    },
  }
  test('lets no other one act that takes its place while the card is open', { timeout: 60_000 }, async () => {
    const made = await asked()
    await swapped(made)
    await made.story.vote('jess', 'approve')
    expect(await ended(made.story)).toMatchObject(notDone)
    await again(made.story)
    await vi.waitFor(
      async () => expect(Object.values((await made.story.state()).intents)[0]).toMatchObject({ state: 'succeeded' }),
      { timeout: 20_000 },
    )
  })
  test('nor when one of two approvers has given it already', { timeout: 60_000 }, async () => {
    const made = await asked(', required: 2, exclude: []')
    await made.story.vote('jess', 'approve')
    await swapped(made)
    await made.story.vote('dana', 'approve')
    expect(await ended(made.story)).toMatchObject(notDone)
  })
  test('nor when the one it names is removed', { timeout: 60_000 }, async () => {
    const made = await asked()
    expect((await made.of.admin.del(`/api/connections/${made.ids[1]}?confirmed=true`)).status).toBe(204)
    await made.story.vote('jess', 'approve')
    expect(await ended(made.story)).toMatchObject(notDone)
  })
  test('counts where nothing changed', { timeout: 60_000 }, async () => {
    const made = await asked()
    await made.story.vote('jess', 'approve')
    expect(await ended(made.story)).toMatchObject({ state: 'succeeded', through: { name: 'first' } })
  })
})

test(
  'a webhook that whoever knows the secret of another connection signs takes nothing from the one that an admin set',
  { timeout: 60_000 },
  async () => {
    const first = { name: 'first', base: hub.url, token: tokens.us, repos: 'acme/shop' }
    const { of, ids, start } = await bench([{ ...second, repos: 'acme/elsewhere' }, first])
    const secret = 'a-secret-of-another-repository'
    const changed = await of.admin.put(`/api/connections/${ids[0]}`, { values: { webhook_secret: secret } })
    expect(changed.status).toBe(200)
    const { url } = (await of.admin.get('/api/connections')).body.connections.find(
      (one: { id: string }) => one.id === ids[0],
    )
    const sender = { id: 666, login: 'mallory', type: 'User' }
    const repository = { id: 999, full_name: 'acme/shop', private: false, html_url: 'https://x.dev' }
    await sendSigned(url, secret, 'watch', { action: 'started', repository, sender })
    await sendSigned(url, secret, 'issues', {
      action: 'opened',
      issue: {
        id: 5,
        number: 5,
        title: 'A title',
        body: '',
        html_url: 'https://x.dev/1',
        user: sender,
        author_association: 'NONE',
        labels: [],
        assignees: [],
        state: 'open',
        created_at: new Date().toISOString(),
        updated_at: new Date().toISOString(),
      },
      repository,
      sender,
    })
    await vi.waitFor(
      async () => expect(JSON.stringify((await of.admin.get('/api/deliveries')).body)).toContain('mallory'),
      { timeout: 20_000 },
    )
    expect((await of.admin.get('/api/workflows/two')).body.missing).toEqual([])
    const intent = await ended(await planOf(await start()))
    expect(intent).toMatchObject({ state: 'succeeded', through: { name: 'first' } })
  },
)

const comment =
  '  - { gate: say_review, of: say, approvers: [team:payments] }\n  - { action: github.comment, id: say, text: Done }\n'
const said = async (story: Story) =>
  Object.values((await story.state()).intents).find((one) => one.action === 'github.comment')

/** A run that wrote an issue and whose comment on it was approved after its connection was removed and another one was made. */
const replaced = async (token: string) => {
  const { of, ids, connect, start } = await bench([{ name: 'first', base: hub.url, token: tokens.us }], {
    then: comment,
  })
  const story = await planOf(await start())
  await ended(story)
  await vi.waitFor(async () => expect((await story.gate()).kind).toBe('action'), { timeout: 20_000 })
  expect((await of.admin.del(`/api/connections/${ids[0]}`)).body).toMatchObject({ code: 'connection_in_use' })
  expect((await of.admin.del(`/api/connections/${ids[0]}?confirmed=true`)).status).toBe(204)
  await connect({ name: 'again', base: hub.url, token })
  await story.vote('jess', 'approve')
  return { of, story }
}
const again = async (story: Story): Promise<void> => {
  const gate = await story.gate()
  await story.doing({
    do: 'decide',
    gate: gate.id,
    verdict: 'answer',
    digest: gate.digest,
    person: { id: 'usr_jess', name: 'jess', principals: ['team:payments'], ownsRunner: false },
    via: { surface: 'web', auth: 'session' },
    comment: null,
    lines: [],
    answer: { choice: 'again', text: null },
  })
}

test.each([
  ['the same account, by itself', tokens.us, false],
  ['another account, once a person says so', tokens.sam, true],
])(
  'a connection that is removed and made again: the run goes on as %s, and tells it',
  { timeout: 90_000 },
  async (_as, token, asks) => {
    const { of, story } = await replaced(token)
    if (asks) {
      await vi.waitFor(async () => expect((await said(story))?.failure?.code).toBe('connection_gone'), {
        timeout: 20_000,
      })
      expect((await said(story))!.failure!.summary).toContain('again (sam) at the same server is of another account')
      await again(story)
    }
    await vi.waitFor(async () => expect((await said(story))?.state).toBe('succeeded'), { timeout: 20_000 })
    expect(await said(story)).toMatchObject({ through: { name: 'again', instead: 'first' }, attempt: asks ? 2 : 1 })
    const { number } = await story.state()
    const told = JSON.stringify((await of.admin.get(`/api/runs/${number}/timeline`)).body)
    expect(told).toContain('It goes on through the connection again')
  },
)
