/** One message per run where its work came from, kept up to date: with a whole control plane and a program of somebody else that keeps messages as Slack does. */
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { planned } from '@viewportai/core/run/testing/play'
import { send, testPlane, type TestPerson } from '../../test/plane.ts'
import { Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { makeStuck } from '../stuck.ts'
import { dying, readied } from '../tools/testing/bench.ts'
import { emulatedSlack, signedBy, tokens } from '../tools/slack/testing/emulated.ts'
import { statusMark, sweepStatuses } from './keep.ts'

const signing = '8f742231b10e8888abcd99yyyzzz85a5'
const at = await emulatedSlack()
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db, outside, key, log, own } = plane.context
const acme = await workspace('acme', ['payments'])
const support = at.channel('support')
let lead: TestPerson
let hook = ''

beforeAll(async () => {
  const steps = `team: payments
repos: [acme/shop]
steps:
  - { id: plan, mode: plan, prompt: Find the cause. }
  - { gate: plan_review, of: plan }
`
  ;({ lead } = await readied(db, acme, {
    account: `slack:${at.team}/${at.user('sam')}`,
    connect: async () => {
      const values = { token: tokens.us, signing, base: at.url }
      hook = (await acme.admin.post('/api/connections', { tool: 'slack', name: 'slack', values })).body.connection.url
    },
    workflows: [
      `name: triage\ntrigger: { slack: { event: app_mention, text: { prefix: fix } } }\n${steps}`,
      `name: quiet\ntrigger: { slack: { event: app_mention, text: { prefix: quietly } } }\nstatus: false\n${steps}`,
    ],
  }))
}, 60_000)

let serial = 0
/** Somebody asks for work; the thread and the run. */
const asked = async (text: string): Promise<{ ts: string; run: string }> => {
  const ts = await at.say(support, `<@U0VIEWPORT> ${text}`)
  const body = JSON.stringify(
    at.told({
      type: 'app_mention',
      user: at.user('sam'),
      team: at.team,
      text: `<@U0VIEWPORT> ${text}`,
      ts,
      channel: support,
      event_id: `Ev${++serial}`,
    }),
  )
  const headers = { 'content-type': 'application/json', ...signedBy(signing)(body) }
  const { delivery } = (await send('', 'POST', hook, { body, headers })).body
  const run = await soon(async () => {
    const { rows } = await inWorkspace(db, acme.id, (tx) =>
      tx.query<{ runs: string[] | null }>('select runs from vp.deliveries where workspace = $1 and delivery = $2', [
        acme.id,
        delivery,
      ]),
    )
    expect(rows[0]?.runs?.[0]).toBeDefined()
    return rows[0]!.runs![0]!
  })
  return { ts, run }
}
const soon = <T>(look: () => Promise<T>): Promise<T> => vi.waitFor(look, { timeout: 40_000, interval: 60 })
// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
const statuses = async ({ ts, run }: { ts: string; run: string }): Promise<any[]> =>
  (await at.thread(support, ts)).filter((one) => one.metadata?.event_payload.intent === statusMark(run))
const says = (one: { ts: string; run: string }, words: RegExp) =>
  soon(async () => {
    const all = await statuses(one)
    expect(all).toHaveLength(1)
    expect(all[0].text).toMatch(words)
    return all[0]
  })
const row = async (run: string) =>
  (
    await inWorkspace(db, acme.id, (tx) =>
      tx.query<{ done: boolean; problem: string | null; message: string | null }>(
        'select done_at is not null as done, problem, message from vp.run_statuses where workspace = $1 and run = $2',
        [acme.id, run],
      ),
    )
  ).rows[0]
const decided = async (story: Story, verdict: string): Promise<void> => {
  const gate = await story.gate()
  const comment = verdict === 'approve' ? {} : { comment: 'no' }
  expect(
    (await lead.post(`/api/gates/${gate.id}/decisions`, { verdict, digest: gate.digest, ...comment })).status,
  ).toBe(201)
}

test('one message, changed as the run goes on, until its end', { timeout: 90_000 }, async () => {
  const one = await asked('fix <!channel> `now`')
  const first = await says(one, /^`fix @channel 'now'`: (Waits for a runner|Planning)\./)
  expect(first).toMatchObject({ user: 'U0VIEWPORT', thread_ts: one.ts, unfurl_links: false })
  const story = await new Story(db, acme.id, one.run).finishes('plan', planned)
  const waiting = await says(one, /: Waits for `@payments` to approve the plan\./)
  const gate = await story.gate()
  expect(waiting.text).toContain(`<${own.url}/inbox/${gate.id}|Open it in the inbox>`)
  await decided(story, 'approve')
  expect((await says(one, /: Done\.\n/)).ts).toBe(first.ts)
  await soon(async () => expect(await row(one.run)).toMatchObject({ done: true, problem: null }))
})

test('a refusal and its reason, quoted', { timeout: 60_000 }, async () => {
  const one = await asked('fix it')
  await decided(await new Story(db, acme.id, one.run).finishes('plan', planned), 'reject')
  expect(await says(one, /: Refused by a person\. `/)).toBeDefined()
})

test('a workflow that says so is told nothing of', { timeout: 60_000 }, async () => {
  const one = await asked('quietly fix it')
  await new Story(db, acme.id, one.run).finishes('plan', planned)
  expect(await row(one.run)).toBeUndefined()
})

describe.each([
  ['before it is written', 'chat.postMessage', false],
  ['after it is written', 'chat.postMessage', true],
  ['before it is changed', 'chat.update', false],
  ['after it is changed', 'chat.update', true],
])('the program dies %s', (_when, method, happens) => {
  test('one message, and it reaches the last state', { timeout: 90_000 }, async () => {
    const { spy, died } = dying(outside, ({ url }) => url.endsWith(`/${method}`), happens)
    const one = await asked('fix this')
    const story = await new Story(db, acme.id, one.run).finishes('plan', planned)
    await says(one, /to approve the plan/)
    await decided(story, 'approve')
    await says(one, /: Done\.\n/)
    spy.mockRestore()
    expect(died()).toBe(true)
  })
})

test('what was begun and never noted is found, also by another replica', { timeout: 60_000 }, async () => {
  const one = await asked('fix that')
  const before = await says(one, /./)
  // As it stands after a kill between the answer of Slack and the commit.
  await inWorkspace(db, acme.id, (tx) =>
    tx.query(
      `update vp.run_statuses set message = null, shown = null, shown_seq = 0, next_at = 0 where workspace = $1 and run = $2`,
      [acme.id, one.run],
    ),
  )
  const options = { db, key, outside, signing: plane.context.signing, address: () => own.url, log }
  // Each as another process would.
  await Promise.all(
    [1, 2, 3].map(() =>
      sweepStatuses(
        options,
        makeStuck(() => {}),
      ),
    ),
  )
  await soon(async () => expect((await row(one.run))?.message).toContain(before.ts))
  expect(await statuses(one)).toHaveLength(1)
})

test('a limit is waited for, and what happened meanwhile is told at once', { timeout: 60_000 }, async () => {
  const one = await asked('fix slowly')
  expect(await says(one, /./)).toBeDefined()
  at.refuse('chat.update', { ok: false, error: 'ratelimited' }, 429, { 'retry-after': '2' })
  const story = await new Story(db, acme.id, one.run).finishes('plan', planned)
  await decided(story, 'approve')
  expect(await says(one, /: Done\.\n/)).toBeDefined()
})

test('a message that somebody deleted is not written again, and the run says so', { timeout: 60_000 }, async () => {
  const one = await asked('fix nothing')
  const { ts } = await says(one, /./)
  await at.ask('chat.delete', { channel: support, ts }, tokens.us)
  const story = await new Story(db, acme.id, one.run).finishes('plan', planned)
  await soon(async () =>
    expect(await row(one.run)).toMatchObject({ done: true, problem: expect.stringContaining('message_not_found') }),
  )
  expect(await statuses(one)).toEqual([])
  await soon(async () => expect((await story.state()).counts.refusals).toBe(1))
})

describe.each([
  // Ours was asked to leave, the channel was closed, the app was removed: what Slack answers to a change of our message.
  ['is archived', 'is_archived', 1],
  ['is private, and the app was removed from it', 'channel_not_found', 1],
  ['does not hold the app any more', 'not_in_channel', 8],
  ['is in a workspace that removed the app', 'token_revoked', 8],
])('a channel that %s', (_what, error, most) => {
  test('stops no run, is asked so often and no more, and the run says so once', { timeout: 60_000 }, async () => {
    const one = await asked('fix there')
    await says(one, /./)
    const ask = outside.ask
    let times = 0
    const spy = vi.spyOn(outside, 'ask').mockImplementation(async (request) => {
      if (!request.url.endsWith('/chat.update')) return ask(request)
      times++
      return { status: 200, headers: {}, text: JSON.stringify({ ok: false, error }) }
    })
    onTestFinished(() => void spy.mockRestore())
    const story = await new Story(db, acme.id, one.run).finishes('plan', planned)
    await decided(story, 'approve')
    await soon(async () => expect((await story.state()).finished?.outcome).toBe('succeeded'))
    await soon(async () => {
      await inWorkspace(db, acme.id, (tx) =>
        tx.query('update vp.run_statuses set next_at = 0 where workspace = $1 and run = $2', [acme.id, one.run]),
      )
      expect(await row(one.run)).toMatchObject({ done: true, problem: expect.stringContaining(error) })
    })
    expect(times).toBe(most)
    // Also where the run had ended before it was given up.
    await soon(async () => expect((await story.state()).counts.refusals).toBe(1))
  })
})

test('a title full of tricks (T11, E105) is one piece of code, and calls nobody', { timeout: 60_000 }, async () => {
  const one = await asked(
    'fix \u202egnp\u200b <@U0SAM0001> <!subteam^S1|@team> <https://evil.example|https://good.example> ``x`` @here &amp;lt;b&amp;gt;',
  )
  const { text, blocks } = await says(one, /./)
  expect(text).toMatch(
    /^`fix ⟨U\+202E⟩gnp⟨U\+200B⟩ [^`<>]+`: (Waits for a runner|Planning)\.\n\n<http:\/\/127\.0\.0\.1:\d+\/runs\/\d+\|Run \d+>$/,
  )
  expect(JSON.stringify(blocks)).not.toMatch(/<[@!#]|subteam\^S1\|@team>/)
})
