/** An issue of GitLab starts a run, and the run writes back, with a whole control plane and our own emulator of GitLab. */
import { createHmac } from 'node:crypto'
import { beforeAll, describe, expect, test, vi } from 'vitest'
import { planned } from '@viewportai/core/run/testing/play'
import { testPlane, type TestPerson } from '../../../test/plane.ts'
import { Story } from '../../../test/story.ts'
import { approved, askNow, dying, readied, settledWith, succeeded } from '../testing/bench.ts'
import { hookContract } from '../testing/contract.ts'
import { emulatedGitLab, tokens } from './testing/emulated.ts'
import { told } from './testing/samples.ts'

const signing = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
const at = await emulatedGitLab()
const { plane, workspace } = await testPlane({ nearHosts: ['127.0.0.1'] })
const { db, outside } = plane.context
const acme = await workspace('acme', ['payments'])
const { admin } = acme
const { host } = new URL(at.url)
let lead: TestPerson
let hook = ''

const connected = async (name: string, more: object = {}) =>
  (
    await admin.post('/api/connections', {
      tool: 'gitlab',
      name,
      values: { base: at.url, token: tokens.us, webhook_secret: signing, ...more },
    })
  ).body

beforeAll(async () => {
  const made = await readied(db, acme, {
    account: `gitlab:${host}/2`,
    url: `https://${host}/acme/shop.git`,
    connect: async () => {
      hook = (await connected('gitlab', { projects: 'acme/shop' })).connection.url
      at.hook(hook, signing)
    },
    workflows: [
      `name: triage
team: payments
trigger: { gitlab: { event: issue_labeled, repo: acme/shop, label: agent, author: sam } }
repos: [acme/shop]
steps:
  - { id: plan, mode: plan, prompt: Find the cause. }
  - { gate: plan_review, of: plan }
  - { action: gitlab.comment, text: "Seen: {{ trigger.title }}" }
  - { action: gitlab.label, add: [seen] }
`,
      `name: told
team: payments
trigger: { gitlab: { event: issue_labeled, label: told } }
repos: [acme/shop]
status: [gitlab]
steps:
  - { id: plan, mode: plan, prompt: Find the cause. }
  - { gate: plan_review, of: plan }
`,
      `name: chatty
team: payments
trigger: { gitlab: { event: [issue_comment, mr_comment], command: look, started_by: [collaborators] } }
repos: [{ acme/shop: { access: read } }]
steps:
  - { id: plan, mode: plan, prompt: Look. }
`,
    ],
  })
  lead = made.lead
}, 60_000)

const settled = (title: string, count: number) => settledWith(db, acme.id, title, count)
let serial = 0
const labelled = async (by: 'sam' | 'stranger' = 'sam') => {
  const title = `Charged twice ${++serial}.`
  const issue = await at.issue({ title }, by)
  await at.label(issue, 'agent', by)
  const all = await settled(title, 2)
  return { title, issue, all, runs: all.flatMap((one) => one.runs) }
}

test('what is wrong with a connection is said, and nothing is kept', async () => {
  expect(await connected('bad', { token: 'not-the-token-of-anybody' })).toMatchObject({
    code: 'connection_refused',
    detail: expect.stringContaining('wrong, expired or revoked'),
  })
  expect((await connected('bad', { projects: 'acme/nothere' })).detail).toContain('acme/nothere is not there')
  expect((await connected('bad', { projects: 'acme' })).detail).toContain('group/name')
  expect((await connected('bad', { base: 'nowhere' })).detail).toContain('not the address of a server')
  const { connections } = (await admin.get('/api/connections')).body
  expect(connections).toEqual([expect.objectContaining({ account: 'viewport', problem: null })])
})

test(
  'labelled by a member: a run, an approval, one comment and one label, each with a receipt',
  { timeout: 60_000 },
  async () => {
    const { title, issue, runs } = await labelled()
    expect(runs).toHaveLength(1)
    const story = await approved(db, acme.id, runs[0]!, lead)
    await succeeded(story)
    const state = await story.state()
    const [comment, label] = Object.values(state.intents)
    expect(state.spec.event.outsideText).toBe(false)
    expect(issue.labels).toEqual(['agent', 'seen'])
    expect(issue.notes).toMatchObject([{ id: Number(comment!.receipt!.id), author: { username: 'viewport' } }])
    expect(comment).toMatchObject({
      target: `acme/shop#${issue.iid}`,
      receipt: { provider: 'gitlab', readBack: true, observed: { ref: `acme/shop#${issue.iid}` } },
    })
    expect(label).toMatchObject({ receipt: { readBack: true, observed: { labels: ['agent', 'seen'] } } })
    // What we wrote there comes back, and starts nothing.
    const all = await settled(title, 3)
    expect(all.flatMap((one) => one.runs)).toEqual(runs)
    expect(all.filter((one) => one.event?.actor.trust === 'self').length).toBeGreaterThanOrEqual(1)
  },
)

test('one comment says how the run goes, to its end, and calls nobody', { timeout: 90_000 }, async () => {
  const title = `/close @sam \`now\` ${++serial}.`
  const issue = await at.issue({ title })
  await at.label(issue, 'told')
  const [run] = (await settled(title, 2)).flatMap((one) => one.runs)
  const says = (words: RegExp) =>
    vi.waitFor(
      () => {
        const said = issue.notes.filter((one: { system: boolean }) => !one.system)
        expect(said).toEqual([expect.objectContaining({ body: expect.stringMatching(words) })])
        return said[0]
      },
      { timeout: 40_000, interval: 100 },
    )
  const story = await new Story(db, acme.id, run).finishes('plan', planned)
  const { id, body } = await says(/: Waits for ` @payments ` to approve the plan\.\n\n\[Open it in the inbox\]\(/)
  expect(body).toMatch(/^(`+) \/close @sam `now` \d+\. \1: /)
  const gate = await story.gate()
  await lead.post(`/api/gates/${gate.id}/decisions`, { verdict: 'approve', digest: gate.digest })
  expect((await says(/: Done\./)).id).toBe(id)
})

test('labelled by a stranger: no run, and GitLab’s own word about who it is', async () => {
  const { all, runs } = await labelled('stranger')
  expect(runs).toEqual([])
  expect(all.find((one) => one.event?.event === 'issue_labeled')!.event.actor).toMatchObject({
    id: `gitlab:${host}/3`,
    trust: 'outsider',
  })
})

test('a command on a stranger’s merge request: who commands decides, what stands there is outside text', async () => {
  const title = `From afar ${++serial}.`
  const mr = await at.mr({ title, source_project_id: 77 }, 'stranger')
  await at.comment(mr, '/look', 'stranger')
  await at.comment(mr, '/look please', 'sam')
  const all = (await settled(title, 3)).filter((one) => one.event?.event === 'mr_comment')
  expect(all.map((one) => [one.event.actor.trust, one.runs.length, one.event.outsideText])).toEqual([
    ['outsider', 0, true],
    ['member', 1, true],
  ])
  expect(all[0]!.event.fields).toMatchObject({ fork: true, paths: ['src/price.js'] })
})

test('edited by a stranger since: the run starts with outside text', async () => {
  const title = `Edited ${++serial}.`
  const issue = await at.issue({ title })
  await at.edit(issue, 'Do as I say.', 'stranger')
  await at.label(issue, 'agent')
  const one = (await settled(title, 2)).find((held) => held.runs.length > 0)!
  expect(one.event).toMatchObject({ outsideText: true, actor: { trust: 'member' }, text: 'Do as I say.' })
})

test.each([false, true])(
  'the program dies, the comment being written: %s; there is one',
  { timeout: 60_000 },
  async (happens) => {
    const { issue, runs } = await labelled()
    const { spy, died } = dying(outside, ({ method, url }) => method === 'POST' && url.endsWith('/notes'), happens)
    const story = await approved(db, acme.id, runs[0]!, lead)
    await succeeded(story)
    spy.mockRestore()
    expect(died()).toBe(true)
    expect(issue.notes.filter((one: { system: boolean }) => !one.system)).toHaveLength(1)
    expect(Object.values((await story.state()).intents)[0]).toMatchObject({
      state: 'succeeded',
      reconciled: happens,
      attempt: 2,
    })
  },
)

test('without webhooks it is asked, and what came by both ways counts once', { timeout: 60_000 }, async () => {
  const asking = (): Promise<void> => askNow(db, acme.id)
  await asking() // from here on
  const { title, issue, runs } = await labelled()
  expect(runs).toHaveLength(1)
  await at.assign(issue, 'us')
  await at.comment(issue, '/look at this')
  await at.close(issue)
  await at.reopen(issue)
  const mr = await at.mr({ title: `${title} Mended.`, draft: true })
  await at.push(mr, 'e'.repeat(40))
  await at.ready(mr)
  await at.approve(mr)
  await at.close(mr)
  await at.reopen(mr)
  await at.close(mr, 'sam', true)
  await at.pipeline({ ref: `topic-${title}` })
  await settled(title, 14)
  await asking()
  const all = await settled(title, 28)
  const polled = all.filter((one) => one.id.startsWith('poll '))
  expect(polled.map((one) => one.event.event).toSorted()).toEqual([
    'issue_assigned',
    'issue_closed',
    'issue_comment',
    'issue_labeled',
    'issue_opened',
    'issue_reopened',
    'mr_approved',
    'mr_closed',
    'mr_closed',
    'mr_opened',
    'mr_ready',
    'mr_reopened',
    'mr_updated',
    'pipeline_failed',
  ])
  for (const one of polled)
    expect([one.event.event, one.verdict]).toEqual([
      one.event.event,
      expect.stringMatching(/^The same event came before/),
    ])
  expect(all.filter((one) => one.runs.length > 0).map((one) => one.event.event)).toEqual([
    'issue_labeled',
    'issue_comment',
  ])
})

// Both must tell within seconds to be the same event; where a busy machine was too slow for that, it is tried in a workspace of its own.
let asked = 0
test('found by asking first, a webhook later starts nothing again', { timeout: 60_000 }, async () => {
  const later = await workspace(`later-${++asked}`, ['payments'])
  const mine = await emulatedGitLab({ signing: false })
  let url = ''
  await readied(db, later, {
    account: `gitlab:${new URL(mine.url).host}/2`,
    url: `https://${new URL(mine.url).host}/acme/shop.git`,
    connect: async () => {
      const values = { base: mine.url, token: tokens.us, webhook_secret: signing, projects: 'acme/shop' }
      url = (await later.admin.post('/api/connections', { tool: 'gitlab', name: 'gitlab', values })).body.connection.url
    },
    workflows: [
      `name: triage\nteam: payments\ntrigger: { gitlab: { event: issue_labeled, label: agent } }\nrepos: [acme/shop]\n`,
    ],
  })
  await askNow(db, later.id)
  const issue = await mine.issue({ title: 'Asked first.' })
  await mine.label(issue, 'agent')
  await askNow(db, later.id)
  const first = await settledWith(db, later.id, 'Asked first.', 2)
  expect(first.flatMap((one) => one.runs)).toHaveLength(1)
  mine.hook(url, signing)
  issue.labels = []
  await mine.label(issue, 'agent')
  const all = await settledWith(db, later.id, 'Asked first.', 3)
  expect(all.at(-1)!.verdict).toMatch(/^The same event came before/)
})

describe('at the front door', () => {
  let other = ''
  beforeAll(
    async () =>
      void (other = (await connected('other', { webhook_secret: `whsec_${Buffer.alloc(32, 9).toString('base64')}` }))
        .connection.url),
  )
  hookContract({
    url: () => hook,
    other: () => other,
    media: 'application/json',
    signed: (body, { id = `id-${Math.random()}`, at: seconds = Math.floor(Date.now() / 1_000) } = {}) => ({
      'webhook-id': id,
      'webhook-timestamp': String(seconds),
      'webhook-signature': `v1,${createHmac('sha256', Buffer.alloc(32, 7)).update(`${id}.${seconds}.${body}`).digest('base64')}`,
    }),
    body: () => JSON.stringify({ ...told.opened, object_kind: 'wiki_page' }),
    signature: 'webhook-signature',
    dated: true,
    change: {
      admin: () => acme.admin,
      field: 'webhook_secret',
      secret: () => `whsec_${Buffer.alloc(32, 7).toString('base64')}`,
      other: `whsec_${Buffer.alloc(32, 8).toString('base64')}`,
    },
  })
})
