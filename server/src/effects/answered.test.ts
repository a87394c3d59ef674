/** An effect of which nobody knows whether it happened, at a program of somebody else that behaves like GitHub: what a person answers by the command, carried out. */
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { NoWholeAnswer, type Asked } from '@viewportai/core/tools/outside'
import { viewportOf, type Ended } from '../../test/cli.ts'
import { testPlane, type TestPerson } from '../../test/plane.ts'
import type { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedGitHub, tokens } from '../tools/github/testing/emulated.ts'
import { sendSigned } from '../tools/github/testing/signed.ts'
import { approved, readied, settledWith, succeeded } from '../tools/testing/bench.ts'

const secret = 'a-secret-of-this-test-alone'
const hub = await emulatedGitHub()
const { host } = new URL(hub.url)
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db, outside } = plane.context
const acme = await workspace('acme', ['payments'])
let lead: TestPerson
let viewport: (...words: string[]) => Promise<Ended>
let hook = ''
beforeAll(async () => {
  ;({ lead } = await readied(db, acme, {
    account: `github:${host}/${hub.ids.sam}`,
    url: `https://${host}/acme/shop.git`,
    connect: async () => {
      const values = { base: hub.url, token: tokens.us, webhook_secret: secret }
      hook = (await acme.admin.post('/api/connections', { tool: 'github', name: 'github', values })).body.connection.url
    },
    workflows: [
      `name: say
team: payments
trigger: { github: { event: issue_labeled, label: agent } }
repos: [acme/shop]
status: []
steps:
  - { id: plan, mode: plan, prompt: Find the cause. }
  - { gate: plan_review, of: plan }
  - { action: github.comment, text: "Seen." }
`,
    ],
  }))
  viewport = await viewportOf(lead)
}, 60_000)

const isComments = ({ url }: Asked): boolean => /\/issues\/\d+\/comments/.test(url)

/** An effect that waits for a person: its comment was written or not, its answer was lost, and no look could tell. `seen`: from now on GitHub answers again. */
const unknown = async (happened: boolean) => {
  const ask = outside.ask
  let isDark = true
  const spy = vi.spyOn(outside, 'ask').mockImplementation(async (asked) => {
    if (!isDark || !isComments(asked)) return ask(asked)
    if (asked.method === 'GET') return { status: 502, headers: {}, text: '' }
    if (happened) await ask(asked)
    throw new NoWholeAnswer('its answer was cut')
  })
  onTestFinished(() => spy.mockRestore())
  const title = `Charged twice ${Math.random()}`
  const issue = await hub.ask('POST', '/repos/acme/shop/issues', { title, body: 'x', labels: ['agent'] }, tokens.sam)
  await sendSigned(hook, secret, 'issues', {
    action: 'labeled',
    issue,
    label: { name: 'agent' },
    repository: await hub.ask('GET', '/repos/acme/shop'),
    sender: await hub.ask('GET', '/users/sam'),
  })
  const [run] = (await settledWith(db, acme.id, title, 1)).flatMap((one) => one.runs)
  const story = await approved(db, acme.id, run!, lead)
  const effect = async () => Object.values((await story.state()).intents)[0]!
  // It is looked for by itself four times, after a while each time; this test does not wait that long.
  await vi.waitFor(
    async () => {
      await inWorkspace(db, acme.id, (tx) =>
        tx.query(`update vp.due set at = 0 where workspace = $1 and kind = 'effect' and done_at is null`, [acme.id]),
      )
      expect(await effect()).toMatchObject({ state: 'unknown', attempt: 5 })
    },
    { timeout: 60_000, interval: 200 },
  )
  const { id } = await effect()
  const listed = await viewport('effects')
  expect(listed.out).toContain(id)
  expect(listed.out).toContain('unknown')
  const comments = async (): Promise<number> =>
    (await hub.ask('GET', `/repos/acme/shop/issues/${issue.number}/comments`)).length
  return { story, id, effect, comments, seen: () => void (isDark = false) }
}
const isClosed = async (story: Story, id: string): Promise<void> => {
  await succeeded(story)
  expect((await viewport('effects')).out).not.toContain(id)
  // What is closed is not answered again.
  expect(await viewport('effects', 'answer', id, 'again')).toMatchObject({
    code: 1,
    err: expect.stringContaining('waits for nobody'),
  })
}

test.each([true, false])(
  'again: it is looked for first, having happened: %s; there is one comment',
  { timeout: 90_000 },
  async (happened) => {
    const { story, id, effect, comments, seen } = await unknown(happened)
    expect(await comments()).toBe(happened ? 1 : 0)
    seen()
    const said = await viewport('effects', 'answer', id, 'again', '-m', 'GitHub is back')
    expect([said.code, said.err]).toEqual([0, ''])
    await isClosed(story, id)
    expect(await comments()).toBe(1)
    expect(await effect()).toMatchObject({ state: 'succeeded', reconciled: happened, receipt: { readBack: true } })
  },
)

test('done: by the word of whoever saw it, with its link; nothing is written', { timeout: 90_000 }, async () => {
  const { story, id, effect, comments, seen } = await unknown(false)
  seen()
  expect(await viewport('effects', 'answer', id, 'done', '-m', 'I saw it')).toMatchObject({
    code: 1,
    err: expect.stringContaining('with its link'),
  })
  expect(await viewport('effects', 'answer', id, 'done', '--attempt', '4', '-m', 'https://x.dev/1')).toMatchObject({
    code: 1,
  })
  const said = await viewport(
    'effects',
    'answer',
    id,
    'done',
    '-m',
    'I wrote it myself: https://github.com/acme/shop/issues/1',
  )
  expect(said).toMatchObject({ code: 0, out: expect.stringContaining('It is succeeded now') })
  await isClosed(story, id)
  expect(await comments()).toBe(0)
  expect(await effect()).toMatchObject({
    receipt: null,
    settled: { how: 'done', url: 'https://github.com/acme/shop/issues/1' },
  })
})

test('give-up: the run goes on without it, and nothing is written', { timeout: 90_000 }, async () => {
  const { story, id, effect, comments, seen } = await unknown(false)
  seen()
  const unsaid = await viewport('effects', 'answer', id, 'give-up')
  expect(unsaid).toMatchObject({ code: 2, err: expect.stringContaining('-m') })
  expect(await viewport('effects', 'answer', id, 'give-up', '-m', 'The issue is closed')).toMatchObject({ code: 0 })
  await isClosed(story, id)
  expect(await comments()).toBe(0)
  expect((await effect()).settled).toMatchObject({ how: 'given_up', reason: 'The issue is closed' })
})
