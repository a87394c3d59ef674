// Where an event is worked on: chosen by the rows of its workflow and explained, or asked in the inbox before anything begins.
import { expect, test, vi } from 'vitest'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'
import { inWorkspace } from '../database/tenant.ts'
import { capabilities } from '../wire/testing/known-runner.ts'

const { plane, workspace, url } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme', ['core', 'web'])
await pairedRunner(db, acme.id)
await inWorkspace(db, acme.id, (tx) =>
  tx.query(`update vp.runners set repositories = '{acme/pay,acme/web}' where workspace = $1`, [acme.id]),
)
const lead = await acme.person('lead', { teams: ['core'] })
const stranger = await acme.person('dev', { teams: ['web'] })
const other = await acme.person('second', { teams: ['web', 'core'] })
for (const name of ['pay', 'web'])
  await acme.admin.post('/api/repositories', { name: `acme/${name}`, url: `https://git.acme.dev/acme/${name}.git` })
const { body: made } = await acme.admin.post('/api/sources', { name: 'bugs' })
const source = { url: made.source.url as string, secret: made.secret as string }
const file = `name: fix-bug
team: core
trigger:
  - webhook: { type: bug }
route:
  - { when: { data.part: pay }, repo: acme/pay }
  - { when: { data.part: [web, both] }, repo: acme/web, team: web }
  - { when: { data.part: both }, repo: acme/pay }
`
expect((await acme.admin.post('/api/workflows', { source: file })).body.missing).toEqual([])
expect((await acme.admin.put('/api/workflows/fix-bug/enabled', { enabled: true })).status).toBe(200)

const send = async (part: string) => {
  const { body } = await deliver(url, source, { type: 'bug', title: `In ${part}`, data: { part } })
  return vi.waitFor(
    async () => {
      const found = (await acme.admin.get(`/api/deliveries/${body.delivery}`)).body
      expect(found.state).toBe('processed')
      return found
    },
    { timeout: 15_000 },
  )
}
const work = async (run: string) =>
  db.asOwner(async (owner) => {
    await owner.query(`set vp.workspace = '${acme.id}'`)
    return (await owner.query('select step, repos, pool from vp.work where run = $1', [run])).rows as {
      step: string
      repos: string[]
    }[]
  })
const facts = async (run: string) =>
  (await acme.admin.get(`/api/runs/${run}/facts`)).body.facts.map((one: { text: string }) => JSON.parse(one.text))

test('a row that fits chooses repository and team; the report says which, and the spec is frozen with it', async () => {
  const delivery = await send('web')
  const [line] = delivery.lines
  expect(line.route).toMatchObject({ chosen: 1, why: 'Row 2 fits: acme/web, team web.' })
  const { run } = delivery.runs[0]
  expect(await work(run)).toMatchObject([{ step: 'plan', repos: ['acme/web'] }])
  const view = (await acme.admin.get(`/api/runs/${run}`)).body
  expect(view.team).toBe('web')
  const [started] = await facts(run)
  expect(started.data.spec.routing).toMatchObject({
    chosen: 1,
    options: [{ label: 'acme/pay' }, { label: 'acme/web, team web' }],
  })
})

test.each([
  ['rows that lead to different places', 'both', ['acme/web, team web', 'acme/pay']],
  ['no row that fits', 'else', ['acme/pay', 'acme/web, team web']],
])('%s: a question in the inbox of the team, and nothing begins', async (_, part, labels) => {
  const delivery = await send(part)
  expect(delivery.verdict).toMatch(/asked where it is worked on/)
  const { run } = delivery.runs[0]
  expect(await work(run)).toEqual([])
  const [item] = (await lead.get('/api/inbox')).body.open.filter((one: { run: string }) => one.run === run)
  expect(item).toMatchObject({ kind: 'question', verb: 'Where is this worked on?', yours: true })
  const { subject, digest } = (await lead.get(`/api/gates/${item.gate}`)).body
  expect(subject.choices.map((one: { label: string }) => one.label).toSorted()).toEqual(
    [...labels, 'Stop the run'].toSorted(),
  )
  const answer = (who: typeof lead, choice: string) =>
    who.post(`/api/gates/${item.gate}/decisions`, { verdict: 'answer', digest, answer: { choice, text: null } })
  // Not of the team that is asked; a place that the question does not offer.
  expect((await answer(stranger, 'place-2')).status).toBe(403)
  expect((await answer(lead, 'place-9')).status).toBeGreaterThanOrEqual(400)
  expect(await work(run)).toEqual([])
  // Two answers at once: one counts.
  const came = await Promise.all([answer(lead, 'place-2'), answer(other, 'place-1')])
  expect(came.filter(({ status }) => status < 300)).toHaveLength(1)
  const chosen = came[0]!.status < 300 ? 'acme/web' : 'acme/pay'
  await vi.waitFor(async () => expect(await work(run)).toMatchObject([{ step: 'plan', repos: [chosen] }]), 20_000)
  const all = await facts(run)
  expect(all.filter((fact: { type: string }) => fact.type === 'run.routed')).toHaveLength(1)
  const asked = all.filter(
    (fact: { type: string; data: { name?: string } }) => fact.type === 'gate.opened' && fact.data.name === 'route',
  )
  expect(asked).toHaveLength(1)
})

test('a row chooses the pool of runners and the agent, too: the run is pinned to them, and its work waits there', async () => {
  const big = await workspace('big', ['core'])
  await big.person('lead', { teams: ['core'] })
  const agent = (name: string) => ({ ...capabilities().agents[0]!, name })
  await pairedRunner(db, big.id, { has: { ...capabilities(), agents: [agent('sample')] }, repositories: ['acme/pay'] })
  const has = { ...capabilities(), agents: [agent('sample'), agent('codex')] }
  await pairedRunner(db, big.id, { name: 'rack', pool: 'big', has, repositories: ['acme/pay'] })
  await inWorkspace(db, big.id, (tx) => tx.query(`update vp.runners set no_wall = '{}' where workspace = $1`, [big.id]))
  await big.admin.post('/api/repositories', { name: 'acme/pay', url: 'https://git.acme.dev/acme/pay.git' })
  const told = (await big.admin.post('/api/sources', { name: 'bugs' })).body
  const saved = await big.admin.post('/api/workflows', {
    source: `name: fix-big\nteam: core\ntrigger: [{ webhook: { type: bug } }]\nroute:\n  - { when: { data.size: small }, repo: acme/pay, pool: local }\n  - { when: { data.size: large }, repo: acme/pay, pool: big, agent: codex }\n`,
  })
  expect(saved.body.missing, JSON.stringify(saved.body)).toEqual([])
  await big.admin.put('/api/workflows/fix-big/enabled', { enabled: true })
  const pinned = async (size: string) => {
    const sent = await deliver(
      url,
      { url: told.source.url, secret: told.secret },
      { type: 'bug', title: size, data: { size } },
    )
    const found = await vi.waitFor(
      async () => {
        const { body } = await big.admin.get(`/api/deliveries/${sent.body.delivery}`)
        expect(body.runs).toHaveLength(1)
        return body
      },
      { timeout: 15_000 },
    )
    const { run } = found.runs[0]
    const { body } = await big.admin.get(`/api/runs/${run}/facts`)
    const { pins } = JSON.parse(body.facts[0].text).data.spec
    const waits = await inWorkspace(db, big.id, (tx) =>
      tx.query<{ pool: string }>('select pool from vp.work where workspace = $1 and run = $2', [big.id, run]),
    )
    return [pins.pool, [...new Set(Object.values(pins.agents))], waits.rows.map(({ pool }) => pool)]
  }
  expect(await pinned('small')).toEqual(['local', ['sample'], ['local']])
  expect(await pinned('large')).toEqual(['big', ['codex'], ['big']])
})

test('whoever stops it starts nothing', async () => {
  const { runs } = await send('nowhere')
  const [item] = (await lead.get('/api/inbox')).body.open.filter((one: { run: string }) => one.run === runs[0].run)
  const { digest } = (await lead.get(`/api/gates/${item.gate}`)).body
  await lead.post(`/api/gates/${item.gate}/decisions`, {
    verdict: 'answer',
    digest,
    answer: { choice: 'stop', text: null },
  })
  expect((await acme.admin.get(`/api/runs/${runs[0].run}`)).body.outcome).toBe('rejected')
  expect(await work(runs[0].run)).toEqual([])
})

test('a place that is not there keeps the workflow from being enabled', async () => {
  const saved = await acme.admin.post('/api/workflows', {
    source: file.replace('name: fix-bug', 'name: other').replaceAll('acme/pay', 'acme/none'),
  })
  expect(saved.body.missing.map((one: { kind: string; name: string }) => `${one.kind} ${one.name}`)).toContain(
    'repository acme/none',
  )
})

test.each([
  [
    'Pay',
    '`pay` and `Pay`',
    /^No row fits: a person decides\. Row 1 seems to: data\.part is pay, and Pay was found; they differ in small and capital letters alone\.$/,
  ],
  [
    'pаy',
    'a Cyrillic letter',
    /Row 1 seems to: .*; they look alike, and а \(U\+0430\) in what was found is another character\.$/,
  ],
  ['pay\u200b', 'a hidden character', /Row 1 seems to: .*pay⟨U\+200B⟩ was found; .*U\+200B/],
  [' pay', 'a blank', /they differ in blanks alone/],
])('%j, with %s, goes nowhere by itself, and the question says what one would overlook', async (part, _how, why) => {
  const delivery = await send(part)
  expect(delivery.lines.find((one: { name: string }) => one.name === 'fix-bug').route).toMatchObject({
    chosen: null,
    why: expect.stringMatching(why),
  })
  expect(await work(delivery.runs[0].run)).toEqual([])
  const [item] = (await lead.get('/api/inbox')).body.open.filter(
    (one: { run: string }) => one.run === delivery.runs[0].run,
  )
  const { subject } = (await lead.get(`/api/gates/${item.gate}`)).body
  expect(JSON.stringify(subject)).not.toContain('\u200b')
})

test('an event that is edited afterwards changes nothing of where its run goes', async () => {
  const first = await send('web')
  const again = await deliver(
    url,
    source,
    { type: 'bug', title: 'In web', data: { part: 'pay' } },
    { id: first.dedupe },
  )
  expect(again.body).toEqual({ delivery: first.id, repeat: true })
  expect(await work(first.runs[0].run)).toMatchObject([{ step: 'plan', repos: ['acme/web'] }])
})

test('a repository that was removed takes no other place with it, and is offered to nobody', async () => {
  // Runs that wait hold it.
  for (const { run } of (
    await inWorkspace(db, acme.id, (tx) =>
      tx.query<{ run: string }>(`select run from vp.runs where workspace = $1 and status <> 'finished'`, [acme.id]),
    )
  ).rows)
    expect(
      (await acme.admin.post(`/api/runs/${run}/cancellation`, { reason: 'to remove a repository' })).status,
    ).toBeLessThan(300)
  const { repositories } = (await acme.admin.get('/api/repositories')).body
  const { id } = repositories.find((one: { name: string }) => one.name === 'acme/pay')
  await vi.waitFor(async () => expect((await acme.admin.del(`/api/repositories/${id}`)).status).toBeLessThan(300), {
    timeout: 20_000,
  })
  // It goes elsewhere: as before.
  const there = await send('web')
  expect(await work(there.runs[0].run)).toMatchObject([{ step: 'plan', repos: ['acme/web'] }])
  // It goes to what is gone: refused, with what is missing.
  const gone = await send('pay')
  expect(gone).toMatchObject({
    outcome: 'refused',
    runs: [],
    problem: expect.stringContaining('it goes to acme/pay, and no repository is called acme/pay'),
  })
  // Two places, and one of them is gone: asked, with the one that is left, and why the other is not there.
  const asks = await send('both')
  const [item] = (await lead.get('/api/inbox')).body.open.filter((one: { run: string }) => one.run === asks.runs[0].run)
  const { subject, digest } = (await lead.get(`/api/gates/${item.gate}`)).body
  expect(subject.choices.map((one: { id: string }) => one.id)).toEqual(['place-2', 'stop'])
  expect(JSON.stringify(subject)).toContain('Not acme/pay: no repository is called acme/pay.')
  const answer = (choice: string) =>
    lead.post(`/api/gates/${item.gate}/decisions`, { verdict: 'answer', digest, answer: { choice, text: null } })
  expect((await answer('place-1')).status).toBeGreaterThanOrEqual(400)
  expect((await answer('place-2')).status).toBe(201)
  await vi.waitFor(async () => expect(await work(asks.runs[0].run)).toMatchObject([{ repos: ['acme/web'] }]), {
    timeout: 20_000,
  })
  const { missing } = (await acme.admin.get('/api/workflows/fix-bug')).body
  expect(missing.map((one: { kind: string; name: string }) => `${one.kind} ${one.name}`)).toContain(
    'repository acme/pay',
  )
})

test('without a runner for any place nothing starts, and the delivery says what is missing', async () => {
  await inWorkspace(db, acme.id, (tx) =>
    tx.query(`update vp.runners set state = 'removed' where workspace = $1`, [acme.id]),
  )
  for (const part of ['web', 'nowhere'])
    expect(await send(part)).toMatchObject({
      outcome: 'refused',
      runs: [],
      problem: expect.stringMatching(/and no (runner of the pool|repository is called)/),
    })
})
