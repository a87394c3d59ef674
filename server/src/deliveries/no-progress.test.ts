/** A step that is sent back and brings the very same change: from a delivery at the door to the question in the inbox and its answer, through the API. */
import { expect, test, vi } from 'vitest'
import { checks, edited, planned } from '@viewportai/core/run/testing/play'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'
import { Story } from '../../test/story.ts'

const { plane, workspace, url } = await testPlane()
const { db } = plane.context
let count = 0

/** A run that a signed delivery started, with the gate on its first change open. `breaker`: the workflow's own, or none. */
const atChange = async (breaker: string) => {
  const of = await workspace(`n${++count}`, ['payments'])
  const lead = await of.person(`lead${count}`, { teams: ['payments'] })
  await pairedRunner(db, of.id)
  await of.admin.post('/api/repositories', { name: 'acme/shop', url: 'https://git.acme.dev/acme/shop.git' })
  const { body: made } = await of.admin.post('/api/sources', { name: 'bugs' })
  const source = `name: fix-bug\nteam: payments\ntrigger: { webhook: { source: bugs } }\nrepos: [acme/shop]\n${breaker}`
  expect((await of.admin.post('/api/workflows', { source })).body.missing).toEqual([])
  await of.admin.put('/api/workflows/fix-bug/enabled', { enabled: true })
  const came = await deliver(url, { url: made.source.url, secret: made.secret }, { type: 'bug', text: 'It is wrong.' })
  const run = await vi.waitFor(
    async () => {
      const { body } = await of.admin.get(`/api/deliveries/${came.body.delivery}`)
      expect(body.runs).toHaveLength(1)
      return body.runs[0] as { run: string; number: number }
    },
    { timeout: 20_000, interval: 20 },
  )
  const story = await new Story(db, of.id, run.run).letGo()
  const decides = async (more: object) => {
    const { id, digest } = await story.gate()
    const { status, body } = await lead.post(`/api/gates/${id}/decisions`, { digest, ...more })
    expect([status, body.code]).toEqual([201, undefined])
  }
  await story.finishes('plan', planned)
  await decides({ verdict: 'approve' })
  await story.finishes('implement', edited('one'))
  await story.finishes('verify', checks(true))
  return { of, lead, story, decides, run }
}
/** It is sent back and brings this. */
const sentBack = async ({ story, decides }: Awaited<ReturnType<typeof atChange>>, brings: string) => {
  await decides({ verdict: 'request_changes', comment: 'Use whole cents.' })
  await story.finishes('implement', edited(brings))
  if ((await story.state()).steps['verify']!.status !== 'done') await story.finishes('verify', checks(true))
}
const question = async ({ lead, story }: Awaited<ReturnType<typeof atChange>>) => {
  const gate = await story.gate()
  const { body } = await lead.get('/api/inbox')
  const listed = JSON.stringify(body).includes(gate.id)
  return { kind: gate.kind, name: gate.name, listed }
}

test('twice the same change in a row asks a person, who is told so and stops it', async () => {
  const here = await atChange('')
  await sentBack(here, 'one')
  expect(await question(here)).toMatchObject({ kind: 'change', listed: true })
  await here.decides({ verdict: 'request_changes', comment: 'Once more.' })
  await here.story.finishes('implement', edited('one'))
  expect(await question(here)).toEqual({ kind: 'question', name: 'no_progress', listed: true })
  const { id } = await here.story.gate()
  const { body } = await here.lead.get(`/api/gates/${id}`)
  expect(JSON.stringify(body)).toContain(
    'implement was sent back 2 times in a row and brought the very same change each time.',
  )
  await here.decides({ verdict: 'answer', answer: { choice: 'stop', text: null } })
  expect((await here.of.admin.get(`/api/runs/${here.run.number}`)).body).toMatchObject({
    state: { tone: 'stop', words: 'refused' },
  })
})

test('a workflow may ask after one; another change in between is progress', async () => {
  const early = await atChange('breaker: { unchanged: 1 }\n')
  await early.decides({ verdict: 'request_changes', comment: 'Use whole cents.' })
  await early.story.finishes('implement', edited('one'))
  expect(await question(early)).toMatchObject({ name: 'no_progress' })
  const moving = await atChange('')
  for (const brings of ['one', 'two', 'two']) await sentBack(moving, brings)
  expect(await question(moving)).toMatchObject({ kind: 'change' })
})
