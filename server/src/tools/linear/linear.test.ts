/** An issue of Linear starts a run, and the run writes back, with a whole control plane, real signatures and a program of somebody else as Linear. */
import { createHmac } from 'node:crypto'
import { beforeAll, describe, expect, test } from 'vitest'
import { testPlane, type TestPerson } from '../../../test/plane.ts'
import type { Story } from '../../../test/story.ts'
import { approved, askNow, dying, readied, settledWith, succeeded } from '../testing/bench.ts'
import { hookContract } from '../testing/contract.ts'
import { emulatedLinear, keys } from './testing/emulated.ts'
import { payload } from './testing/samples.ts'

const signing = 'lin_wh_a-signing-secret'
const at = await emulatedLinear()
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db, outside } = plane.context
const acme = await workspace('acme', ['payments'])
const { admin } = acme
let lead: TestPerson
let hook = ''

const connected = async (name: string, more: object = {}) =>
  (
    await admin.post('/api/connections', {
      tool: 'linear',
      name,
      values: { key: keys.us, signing, base: at.url, ...more },
    })
  ).body

beforeAll(async () => {
  const made = await readied(db, acme, {
    account: `linear:${at.user('Sam')}`,
    connect: async () => {
      hook = (await connected('linear', { teams: 'Payments' })).connection.url
      await at.hooks(hook, signing)
    },
    workflows: [
      `name: triage
team: payments
trigger: { linear: { event: issue_assigned, team: Payments, assignee: Viewport } }
repos: [acme/shop]
steps:
  - { id: plan, mode: plan, prompt: Find the cause. }
  - { gate: plan_review, of: plan }
  - { action: linear.comment, text: "For @kim: {{ trigger.title }}" }
  - { action: linear.transition, to: In Review }
`,
      `name: chatty
team: payments
trigger: { linear: { event: issue_commented, team: Payments, command: look } }
repos: [acme/shop]
`,
    ],
  })
  lead = made.lead
}, 60_000)

const settled = (issue: string, count: number) => settledWith(db, acme.id, issue, count)
/** The run that assigning a new issue to us starts. */
const assigned = async (title: string, by: string = keys.sam) => {
  const issue = await at.create({ title, description: 'It is wrong.' }, by)
  await at.update(issue.id, { assigneeId: at.user('Viewport') }, by)
  const all = await settled(issue.id, 2)
  return { issue, all, runs: all.flatMap((one) => one.runs) }
}
const approvedRun = (run: string): Promise<Story> => approved(db, acme.id, run, lead)
const effects = async (story: Story) => Object.values((await story.state()).intents)

test('what is wrong with a connection is said, and nothing is kept', async () => {
  expect(await connected('bad', { teams: 'Marketing' })).toMatchObject({
    code: 'connection_refused',
    detail: expect.stringContaining('The key sees no team Marketing. It sees'),
  })
  const { connections } = (await admin.get('/api/connections')).body
  expect(connections).toEqual([
    expect.objectContaining({
      name: 'linear',
      account: 'Viewport (Acme)',
      settings: { base: at.url, teams: 'Payments' },
    }),
  ])
})

test(
  'assigned by a member: a run, an approval, one comment and one move, each with a receipt',
  { timeout: 60_000 },
  async () => {
    const { issue, runs } = await assigned('Charged @kim twice')
    expect(runs).toHaveLength(1)
    const story = await approvedRun(runs[0]!)
    await succeeded(story)
    const [comment, move] = await effects(story)
    const now = await at.issue(issue.id)
    expect(now.state.name).toBe('In Review')
    expect(now.comments.nodes).toEqual([
      { id: comment!.receipt!.id, user: { name: 'Viewport' }, body: expect.stringContaining(`#${comment!.id})`) },
    ])
    // Words from outside are in a code span: nobody is called by them.
    expect(now.comments.nodes[0].body).toContain('` Charged @kim twice `')
    expect(comment).toMatchObject({
      action: 'linear.comment',
      target: issue.id,
      receipt: { provider: 'linear', readBack: true, observed: { ref: issue.id, key: issue.identifier } },
    })
    expect(comment!.receipt!.url).toContain('#comment-')
    expect(move).toMatchObject({ receipt: { observed: { status: 'In Review', before: 'Todo' }, readBack: true } })
    // What we did there comes back as a webhook, and starts nothing.
    const all = await settled(issue.id, 4)
    expect(all.flatMap((one) => one.runs)).toEqual(runs)
    expect(all.filter((one) => one.event?.actor.trust === 'self').length).toBeGreaterThanOrEqual(1)
  },
)

test.each([
  ['a colleague whom nobody linked', keys.kim, 'collaborator'],
  ['us', keys.us, 'self'],
])('assigned by %s: no run, and the reason', async (_who, key, trust) => {
  const { all, runs } = await assigned('Not by a member', key)
  expect(runs).toEqual([])
  const one = all.find((told) => told.event?.event === 'issue_assigned')!
  expect(one.event.actor).toMatchObject({ trust, person: null })
  const why = (await admin.get(`/api/deliveries/${one.delivery}`)).body.lines.find(
    (line: { name: string }) => line.name === 'triage',
  )
  expect(why).toMatchObject({ matched: false, actor: { pass: false } })
})

describe.each([
  ['before the call', false],
  ['after the call', true],
])('the program dies %s', (_when, happens) => {
  test('one comment', { timeout: 60_000 }, async () => {
    const { issue, runs } = await assigned(`Dies ${happens}`)
    const isComment = (asked: { body?: string }): boolean =>
      asked.body?.startsWith('{"query":"mutation Comment') ?? false
    const { spy, died } = dying(outside, isComment, happens)
    const story = await approvedRun(runs[0]!)
    await succeeded(story)
    spy.mockRestore()
    expect(died()).toBe(true)
    expect((await at.issue(issue.id)).comments.nodes).toHaveLength(1)
    const [comment] = await effects(story)
    expect(comment).toMatchObject({ state: 'succeeded', reconciled: happens, attempt: 2 })
  })
})

test('without webhooks it is asked, and what came by both ways counts once', { timeout: 60_000 }, async () => {
  const asking = (): Promise<void> => askNow(db, acme.id)
  await asking() // from here on
  const { issue, runs } = await assigned('By both ways')
  await at.comment(issue.id, '/look at this')
  expect(runs).toHaveLength(1)
  await settled(issue.id, 3)
  await asking()
  const all = await settled(issue.id, 6)
  const polled = all.filter((one) => one.id.startsWith('poll '))
  expect(polled.map((one) => one.event.event)).toEqual(
    expect.arrayContaining(['issue_created', 'issue_assigned', 'issue_commented']),
  )
  for (const one of polled) expect(one.verdict).toMatch(/^The same event came before/)
  expect(all.filter((one) => one.runs.length > 0).map((one) => one.event.event)).toEqual([
    'issue_assigned',
    'issue_commented',
  ])
  // What asking tells, a webhook tells too, with the same people in it.
  const [hooked, asked] = ['issue_assigned'].flatMap((event) => all.filter((one) => one.event.event === event))
  const { at: _a, id: _b, ...same } = asked!.event
  expect(same).toEqual({ ...hooked!.event, at: undefined, id: undefined })
})

describe('at the front door', () => {
  let other = ''
  beforeAll(async () => void (other = (await connected('other', { signing: 'another-secret' })).connection.url))
  hookContract({
    url: () => hook,
    other: () => other,
    media: 'application/json',
    signed: (body, { id = `id-${Math.random()}` } = {}) => ({
      'linear-signature': createHmac('sha256', signing).update(body).digest('hex'),
      'linear-delivery': id,
    }),
    body: () => JSON.stringify(payload({ type: 'Reaction' })),
    signature: 'linear-signature',
    dated: false, // the time stands in the body: read.test.ts
    change: { admin: () => acme.admin, field: 'signing', secret: () => signing, other: 'one-more-secret' },
  })
})
