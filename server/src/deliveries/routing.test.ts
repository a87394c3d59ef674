// Where an event is worked on: chosen by the rows of its workflow and explained, or asked in the inbox before anything begins.
import { expect, test, vi } from 'vitest'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'
import { inWorkspace } from '../database/tenant.ts'

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
  expect(delivery.verdict).toMatch(/asks where it is worked on/)
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
