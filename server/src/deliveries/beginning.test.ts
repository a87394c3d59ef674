/** Events of one making, in any order and at any time, with the real intake by signed webhooks of GitHub. What each tool tells is in tools/testing/beginnings.ts. */
import { describe, expect, test, vi } from 'vitest'
import { Story } from '../../test/story.ts'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedGitHub, tokens } from '../tools/github/testing/emulated.ts'
import { sendSigned } from '../tools/github/testing/signed.ts'
import { readied } from '../tools/testing/bench.ts'

const hub = await emulatedGitHub()
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db } = plane.context
const secret = 'a-secret-of-this-test-alone'
const { host } = new URL(hub.url)
const [repository, sam] = [await hub.ask('GET', '/repos/acme/shop'), await hub.ask('GET', '/users/sam')]
let count = 0

/** A workspace whose workflow listens to the making of issues, and an issue that was made at this time (ms). */
const ready = async (more = '') => {
  const of = await workspace(`b${++count}`, ['payments'])
  let url = ''
  await readied(db, of, {
    account: `github:${host}/${hub.ids.sam}`,
    url: `https://${host}/acme/shop.git`,
    connect: async () => {
      const values = { base: hub.url, token: tokens.us, webhook_secret: secret }
      url = (await of.admin.post('/api/connections', { tool: 'github', name: 'github', values })).body.connection.url
    },
    workflows: [
      `name: triage\nteam: payments\ntrigger: { github: { event: [issue_opened, issue_labeled, issue_assigned] } }\nrepos: [{ acme/shop: { access: read } }]\nsteps: [{ id: plan, mode: plan, prompt: Look. }]\n${more}`,
    ],
  })
  const made = async (at = Date.now()) => {
    const issue = await hub.ask('POST', '/repos/acme/shop/issues', { title: `Issue ${++count}`, body: 'x' }, tokens.sam)
    const time = (after: number) => new Date(at + after).toISOString().replace(/\.\d+/, '')
    /** Its webhook, told so long (ms) after it was made. */
    const told = (action: string, after = 0, more: object = {}) =>
      sendSigned(url, secret, 'issues', {
        action,
        issue: { ...issue, created_at: time(0), updated_at: time(after) },
        repository,
        sender: sam,
        ...more,
      })
    return {
      opened: () => told('opened'),
      labelled: (name: string, after = 0) => told('labeled', after, { label: { name } }),
      assigned: () => told('assigned', 1_000, { assignee: sam }),
    }
  }
  const settled = (delivery: string) =>
    vi.waitFor(
      async () => {
        const { body } = await of.admin.get(`/api/deliveries/${delivery}`)
        expect(body.state).not.toBe('stored')
        return body as { id: string; outcome: string; verdict: string; runs: { run: string; number: number }[] }
      },
      { timeout: 20_000, interval: 30 },
    )
  const runs = () =>
    inWorkspace(
      db,
      of.id,
      async (tx) =>
        (await tx.query<{ run: string }>('select run from vp.runs where workspace = $1 order by number', [of.id])).rows,
    )
  return { of, made, settled, runs }
}

test('a label that is told before its issue starts, and the issue does not again; told once more nothing does', async () => {
  const here = await ready()
  const issue = await here.made()
  const first = await here.settled(await issue.labelled('bug', 2_000))
  expect(first.verdict).toBe('triage started run 1.')
  for (const told of [issue.opened, issue.assigned, () => issue.labelled('crash', 1_000)])
    expect(await here.settled(await told())).toMatchObject({
      outcome: 'duplicate',
      runs: [],
      verdict: `triage was not started again: how this was made is told in several events, and run 1 is of one of them (${first.id}).`,
    })
  expect((await here.settled(await issue.opened())).verdict).toContain('The same event came before')
  expect(await here.runs()).toHaveLength(1)
})

test('told days after it was made it is one act all the same, and a label of a minute later is another', async () => {
  const here = await ready()
  const issue = await here.made(Date.now() - 3 * 86_400_000)
  await here.settled(await issue.opened())
  await inWorkspace(db, here.of.id, (tx) =>
    tx.query('update vp.starts set at = at - $2 where workspace = $1', [here.of.id, 2 * 86_400_000]),
  )
  expect((await here.settled(await issue.labelled('bug', 1_000))).outcome).toBe('duplicate')
  for (const label of ['late-1', 'late-2'])
    expect((await here.settled(await issue.labelled(label, 60_000))).verdict).toContain('started run')
  expect(await here.runs()).toHaveLength(3)
})

test('many at once are one run, whichever of them is first', { timeout: 30_000 }, async () => {
  const here = await ready()
  const issue = await here.made()
  const all = await Promise.all([
    issue.opened(),
    issue.assigned(),
    ...Array.from({ length: 14 }, (_, n) => issue.labelled(`label-${n}`, 1_000)),
  ])
  const outcomes = (await Promise.all(all.map(here.settled))).map((one) => one.outcome)
  expect(outcomes.filter((one) => one === 'started')).toHaveLength(1)
  expect(outcomes.filter((one) => one === 'duplicate')).toHaveLength(15)
  expect(await here.runs()).toHaveLength(1)
})

describe('what becomes of the start decides about the others', () => {
  test(
    'it was undone before it was kept, as by a kill: the next event of the making starts',
    { timeout: 40_000 },
    async () => {
      const here = await ready()
      const issue = await here.made()
      await db.asOwner((owner) => owner.query('revoke insert on vp.facts from vp_app'))
      const broken = await issue.opened()
      await vi.waitFor(
        async () => expect((await here.of.admin.get(`/api/deliveries/${broken}`)).body.state).toBe('failed'),
        { timeout: 30_000, interval: 100 },
      )
      await db.asOwner((owner) => owner.query('grant insert on vp.facts to vp_app'))
      expect((await here.settled(await issue.labelled('bug', 1_000))).verdict).toBe('triage started run 1.')
      // Worked on again, the first one finds that.
      await here.of.admin.post(`/api/deliveries/${broken}/readings`, {})
      await vi.waitFor(
        async () => expect((await here.of.admin.get(`/api/deliveries/${broken}`)).body.outcome).toBe('duplicate'),
        { timeout: 20_000, interval: 50 },
      )
      expect(await here.runs()).toHaveLength(1)
    },
  )

  test('it was skipped: so are the others of the moment, and one that comes when there is room starts', async () => {
    const here = await ready('concurrency: { limit: 1, when_full: skip }\n')
    await here.settled(await (await here.made()).opened())
    const issue = await here.made()
    for (const told of [issue.opened, () => issue.labelled('bug')])
      expect((await here.settled(await told())).verdict).toBe('triage was skipped: enough runs of it go on.')
    await here.of.admin.post('/api/runs/1/cancellation', { reason: 'enough' })
    expect((await here.settled(await issue.labelled('crash'))).verdict).toBe('triage started run 2.')
    expect((await here.settled(await issue.assigned())).outcome).toBe('duplicate')
  })

  test('it waits for its turn: the others start no second one', async () => {
    const here = await ready('concurrency: { limit: 1, when_full: queue }\n')
    await here.settled(await (await here.made()).opened())
    const issue = await here.made()
    const first = await here.settled(await issue.opened())
    expect(first.verdict).toBe('triage waits for its turn.')
    expect((await here.settled(await issue.labelled('bug'))).verdict).toBe(
      `triage was not started again: how this was made is told in several events, and its start that waits for its turn is of one of them (${first.id}).`,
    )
    await here.of.admin.post('/api/runs/1/cancellation', { reason: 'enough' })
    await vi.waitFor(async () => expect(await here.runs()).toHaveLength(2), { timeout: 20_000, interval: 50 })
    expect((await here.settled(await issue.assigned())).verdict).toContain('and run 2 is of one of them')
  })

  test('it is held by a breaker: what else is told of the making is no start too many, also after somebody let it go', async () => {
    const here = await ready('breaker: { starts: 1 }\n')
    const issue = await here.made(Date.now() - 60_000)
    await here.settled(await issue.labelled('before', 30_000))
    const held = await here.settled(await issue.opened())
    expect(held.verdict).toContain('triage began run 2, held for a person')
    expect((await here.settled(await issue.labelled('bug'))).verdict).toContain('and run 2 is of one of them')
    expect((await here.settled(await issue.labelled('other', 40_000))).verdict).toContain('it rests until')
    await new Story(db, here.of.id, held.runs[0]!.run).letGo()
    // Counted anew from there, and still known.
    expect((await here.settled(await issue.labelled('later', 50_000))).verdict).toContain('started run')
    expect((await here.settled(await issue.assigned())).verdict).toContain('and run 2 is of one of them')
  })
})

test('two workflows are two starts, each once', async () => {
  const here = await ready()
  const source = `name: second\nteam: payments\ntrigger: { github: { event: [issue_opened, issue_labeled] } }\nrepos: [{ acme/shop: { access: read } }]\nsteps: [{ id: plan, mode: plan, prompt: Look. }]\n`
  await here.of.admin.post('/api/workflows', { source })
  await here.of.admin.put('/api/workflows/second/enabled', { enabled: true })
  const issue = await here.made()
  expect((await here.settled(await issue.opened())).runs).toHaveLength(2)
  expect((await here.settled(await issue.labelled('bug'))).runs).toEqual([])
  expect(await here.runs()).toHaveLength(2)
})
