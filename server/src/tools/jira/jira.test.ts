/** An issue of Jira starts a run, and the run writes back, with a whole control plane and our own emulator of Jira. */
import { createHmac } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest'
import { testPlane, type Came, type TestPerson } from '../../../test/plane.ts'
import { Story } from '../../../test/story.ts'
import { planned } from '@viewportai/core/run/testing/play'
import { textOf } from '@viewportai/core/tools/jira/document'
import { inWorkspace } from '../../database/tenant.ts'
import { approved, askNow, dying, readied, settledWith, succeeded } from '../testing/bench.ts'
import { hookContract } from '../testing/contract.ts'
import { emulatedJira, tokens } from './testing/emulated.ts'
import { payload } from './testing/samples.ts'

const signing = 'the-secret-of-the-webhook'
const at = await emulatedJira()
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db, outside } = plane.context
const acme = await workspace('acme', ['payments'])
const { admin } = acme
let lead: TestPerson
let hook = ''

const connected = async (name: string, more: object = {}) =>
  (
    await admin.post('/api/connections', {
      tool: 'jira',
      name,
      values: { site: at.url, email: 'us@acme.dev', token: tokens.us, signing, ...more },
    })
  ).body

beforeAll(async () => {
  const made = await readied(db, acme, {
    account: `jira:${at.people.sam.accountId}`,
    connect: async () => {
      hook = (await connected('jira', { projects: 'PAY' })).connection.url
      at.hook(hook, signing)
    },
    workflows: [
      `name: triage
team: payments
trigger: { jira: { event: issue_assigned, project: PAY, assignee: Viewport } }
repos: [acme/shop]
steps:
  - { id: plan, mode: plan, prompt: Find the cause. }
  - { gate: plan_review, of: plan }
  - { action: jira.comment, text: "Seen: {{ trigger.title }}" }
  - { action: jira.transition, to: In Review }
`,
      `name: told
team: payments
trigger: { jira: { event: issue_assigned, project: PAY, assignee: Sam } }
repos: [acme/shop]
status: [jira]
steps:
  - { id: plan, mode: plan, prompt: Find the cause. }
  - { gate: plan_review, of: plan }
`,
      `name: chatty
team: payments
trigger: { jira: { event: issue_commented, labels: agent, reporter: Sam, command: look } }
repos: [acme/shop]
`,
    ],
  })
  lead = made.lead
}, 60_000)

const settled = (key: string, count: number) => settledWith(db, acme.id, `"key":"${key}"`, count)
const assigned = async (by: 'sam' | 'kim' = 'sam') => {
  const issue = await at.create({ labels: ['agent'] }, by)
  await at.assign(issue.key, 'us', by)
  const all = await settled(issue.key, 3)
  return { issue, all, runs: all.flatMap((one) => one.runs) }
}
const carriedOut = async (run: string): Promise<Story> => {
  const story = await approved(db, acme.id, run, lead)
  await succeeded(story)
  return story
}

test('what is wrong with a connection is said, and nothing is kept', async () => {
  expect(await connected('bad', { token: 'somebody-elses' })).toMatchObject({
    code: 'connection_refused',
    detail: expect.stringContaining('Jira does not accept it: the e-mail address or the token is wrong'),
  })
  expect((await connected('bad', { projects: 'PAY, XYZ' })).detail).toContain('The account sees no project XYZ')
  expect((await admin.get('/api/connections')).body.connections).toHaveLength(1)
})

test('another site never gets the token of the one before, and no refusal repeats a secret', async () => {
  const seen: string[] = []
  const thief = http.createServer((request, response) => {
    seen.push(String(request.headers.authorization))
    response.writeHead(400).end(JSON.stringify({ errorMessages: [`not ${seen.at(-1)}`, 'nor the-new-token'] }))
  })
  await new Promise<void>((ready) => thief.listen(0, '127.0.0.1', ready))
  onTestFinished(() => void thief.close())
  const { id } = (await connected('moving')).connection
  const change = (values: object): Promise<Came> => admin.put(`/api/connections/${id}`, { values })
  const site = `http://127.0.0.1:${(thief.address() as AddressInfo).port}`
  const unsaid = await change({ site })
  expect([unsaid.body.code, seen]).toEqual(['invalid', []])
  expect(unsaid.body.detail).toContain('values.token: Site changes')
  // The secret of its webhooks goes nowhere: it stays, and need not be given anew.
  const came = await change({ site, token: 'the-new-token' })
  expect(came.body.code).toBe('connection_refused')
  expect(seen).toEqual([`Basic ${Buffer.from('us@acme.dev:the-new-token').toString('base64')}`])
  expect(came.body.detail).toContain('not Basic [secret]; nor [secret]')
  // The same site again is no other one: what is kept stays.
  expect((await change({ site: at.url })).status).toBe(200)
  await admin.del(`/api/connections/${id}?confirmed=true`)
})

test(
  'assigned by a member: a run, an approval, one comment and one move, each with a receipt',
  { timeout: 60_000 },
  async () => {
    const { issue, runs } = await assigned()
    expect(runs).toHaveLength(1)
    const [comment, move] = Object.values((await (await carriedOut(runs[0]!)).state()).intents)
    expect(issue.fields.status.name).toBe('In Review')
    expect(issue.comments).toMatchObject([{ id: comment!.receipt!.id, author: { displayName: 'Viewport' } }])
    expect(comment).toMatchObject({
      target: issue.id,
      receipt: { provider: 'jira', readBack: true, observed: { ref: issue.id, key: issue.key } },
    })
    expect(move).toMatchObject({ receipt: { observed: { status: 'In Review', before: 'To Do' }, readBack: true } })
    const all = await settled(issue.key, 5)
    expect(all.flatMap((one) => one.runs)).toEqual(runs)
    expect(all.filter((one) => one.event?.actor.trust === 'self').map((one) => one.event.event)).toEqual([
      'issue_commented',
      'issue_transitioned',
    ])
  },
)

test('one comment says how the run goes, to its end, and calls nobody', { timeout: 90_000 }, async () => {
  const issue = await at.create({ summary: '[~accountid:5b10] @sam `now`' })
  await at.assign(issue.key, 'sam')
  const [run] = (await settled(issue.key, 2)).flatMap((one) => one.runs)
  const says = (words: RegExp) =>
    vi.waitFor(
      () => {
        const said = issue.comments.map(({ id, body }: { id: string; body: unknown }) => ({ id, text: textOf(body) }))
        expect(said).toEqual([{ id: expect.any(String), text: expect.stringMatching(words) }])
        return said[0]
      },
      { timeout: 40_000, interval: 100 },
    )
  const story = await new Story(db, acme.id, run!).finishes('plan', planned)
  const { id } = await says(/^\[~accountid:5b10\] @sam `now`: Waits for @payments to approve the plan\.\n/)
  expect(JSON.stringify(issue.comments[0].body)).not.toContain('mention')
  const gate = await story.gate()
  await lead.post(`/api/gates/${gate.id}/decisions`, { verdict: 'approve', digest: gate.digest })
  expect((await says(/: Done\./)).id).toBe(id)
})

test('assigned by an account that nobody linked: no run', async () => {
  const { all, runs } = await assigned('kim')
  expect(runs).toEqual([])
  expect(all.find((one) => one.event.event === 'issue_assigned')!.event.actor.trust).toBe('outsider')
})

test.each([false, true])(
  'the program dies, the comment being written: %s; there is one',
  { timeout: 60_000 },
  async (happens) => {
    const { issue, runs } = await assigned()
    const { spy, died } = dying(outside, (asked) => asked.method === 'POST', happens)
    const story = await carriedOut(runs[0]!)
    spy.mockRestore()
    expect(died()).toBe(true)
    expect(issue.comments).toHaveLength(1)
    expect(Object.values((await story.state()).intents)[0]).toMatchObject({
      state: 'succeeded',
      reconciled: happens,
      attempt: 2,
    })
  },
)

const asking = (): Promise<void> => askNow(db, acme.id)

test('without webhooks it is asked, and what came by both ways counts once', { timeout: 60_000 }, async () => {
  await asking() // from here on
  const { issue, runs } = await assigned()
  expect(runs).toHaveLength(1)
  // Its webhook tells neither labels nor reporter: the issue is fetched before it is matched.
  await at.comment(issue.key, '/look at this')
  await settled(issue.key, 4)
  await asking()
  const all = await settled(issue.key, 8)
  const polled = all.filter((one) => one.id.startsWith('poll '))
  expect(polled.map((one) => one.event.event).toSorted()).toEqual([
    'issue_assigned',
    'issue_commented',
    'issue_created',
    'issue_labeled',
  ])
  for (const one of polled) expect(one.verdict).toMatch(/^The same event came before/)
  expect(all.filter((one) => one.runs.length > 0).map((one) => one.event.event)).toEqual([
    'issue_assigned',
    'issue_commented',
  ])
})

test('an issue that stands on two pages is stored once', { timeout: 30_000 }, async () => {
  const issue = await at.create({ summary: 'Twice' })
  await settled(issue.key, 1)
  const ask = outside.ask
  const spy = vi.spyOn(outside, 'ask').mockImplementation(async (asked) => {
    const came = await ask(asked)
    if (!asked.url.includes('/search/jql')) return came
    const told = JSON.parse(came.text)
    return { ...came, text: JSON.stringify({ ...told, issues: [...told.issues, ...told.issues] }) }
  })
  onTestFinished(() => spy.mockRestore())
  await asking()
  const all = await settled(issue.key, 2)
  expect(all.filter((one) => one.id.startsWith('poll '))).toHaveLength(1)
})

test('what was asked of one act is kept once for all that it tells', { timeout: 30_000 }, async () => {
  const issue = await at.create({ summary: 'Much at once', labels: ['one', 'two', 'three'] })
  await settled(issue.key, 4)
  await asking()
  const all = (await settled(issue.key, 8)).filter((one) => one.id.startsWith('poll '))
  const { rows } = await inWorkspace(db, acme.id, (tx) =>
    tx.query<{ digest: string | null }>(
      'select distinct body_digest as digest from vp.deliveries where workspace = $1 and delivery = any($2)',
      [acme.id, all.map((one) => one.delivery)],
    ),
  )
  expect([all.length, rows]).toEqual([4, [{ digest: expect.stringMatching(/^[0-9a-f]{64}$/) }]])
})

describe('at the front door', () => {
  let other = ''
  beforeAll(async () => void (other = (await connected('other', { signing: 'another-secret' })).connection.url))
  hookContract({
    url: () => hook,
    other: () => other,
    media: 'application/json',
    signed: (body, { id = `id-${Math.random()}` } = {}) => ({
      'x-hub-signature': `sha256=${createHmac('sha256', signing).update(body).digest('hex')}`,
      'x-atlassian-webhook-identifier': id,
    }),
    body: () => JSON.stringify(payload({ webhookEvent: 'jira:issue_deleted' })),
    signature: 'x-hub-signature',
    dated: false,
    change: { admin: () => acme.admin, field: 'signing', secret: () => signing, other: 'one-more-secret' },
  })
})
