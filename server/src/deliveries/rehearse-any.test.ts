// Whatever a workflow listens to, whoever may try it can: each sample of each tool, and each template with each of its samples.
import { expect, test } from 'vitest'
import { tools as forms } from '@viewportai/core/event/tools'
import { pairedRunner } from '../../test/paired.ts'
import { testPlane } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import { allTemplates } from '../gallery/templates.ts'
import { allSamples, sampleConnection } from '../samples/samples.ts'
import type { Asker } from '../sign-in/asker.ts'
import { keepConnection } from '../tools/keep.ts'
import { toolNamed, toolNames } from '../tools/table.ts'

const { plane, workspace } = await testPlane()
const acme = await workspace('acme', ['payments', 'core'])
await pairedRunner(plane.context.db, acme.id)
await pairedRunner(plane.context.db, acme.id, {
  name: 'office',
  pool: 'default',
  repositories: ['acme/shop', 'acme/payments-api', 'acme/runbooks'],
})
await acme.person('lead', { teams: ['payments'] })
const other = await acme.person('other', { teams: ['core'] })
for (const name of ['acme/shop', 'acme/payments-api', 'acme/runbooks'])
  await acme.admin.post('/api/repositories', { name, url: `https://github.com/${name}.git` })
const asker: Asker = {
  workspace: acme.id,
  person: acme.admin.id,
  handle: acme.admin.handle,
  name: 'Admin',
  role: 'admin',
  teams: [],
  token: null,
  by: { auth: 'token', token: 'tok_of_this_test' },
}
// None of these tools is asked: a rehearsal does nothing outside, and what is connected only has to be there.
await inWorkspace(plane.context.db, acme.id, async (tx) => {
  for (const tool of toolNames)
    await keepConnection(tx, plane.context.key, asker, toolNamed(tool)!, {
      id: freshId('con'),
      workspace: acme.id,
      name: tool,
      settings: sampleConnection(toolNamed(tool)!).settings,
      secrets: {},
      account: null,
      tool,
      source: freshId('src'),
    })
})

const save = async (source: string) => {
  const { status, body } = await acme.admin.post('/api/workflows', { source })
  expect(status, JSON.stringify(body)).toBeLessThan(300)
}
const rehearse = async (name: string, sample: string, who = acme.admin) => {
  const { status, body } = await who.post(`/api/workflows/${name}/rehearsals`, { sample, request: null })
  return { status, body, words: [status, body.detail] }
}
const listening = (name: string, tool: string, event: string, more = '') =>
  `name: ${name}\nteam: payments\ntrigger: { ${tool}: { ${tool === 'webhook' || tool === 'schedule' || tool === 'manual' || tool === 'api' ? '' : `event: ${event}`}${tool === 'schedule' ? "cron: '0 6 * * mon'" : ''}${more} } }\nrepos: [{ acme/shop: { access: read } }]\nsteps: [{ id: look, mode: read, prompt: Look. }]\n`

const samples = allSamples()
test('there is a sample of each tool that tells of anything', () =>
  expect(Object.keys(forms).filter((tool) => !samples.some(({ told }) => told.tool === tool))).toEqual([]))

test.each(samples.map(({ id, told }) => [id, told.tool, told.event]))(
  '%s is rehearsed by an admin as the trigger is by default',
  async (id, tool, event) => {
    const name = `w-${tool}-${event}`.replaceAll('_', '-')
    await save(listening(name, tool, event))
    expect((await rehearse(name, id)).words).toEqual([201, undefined])
  },
)

test.each(
  allTemplates().flatMap(({ name, source, compiled }) =>
    samples
      .filter(({ told }) => compiled.triggers.some(({ tool, event }) => tool === told.tool && event === told.event))
      .map(({ id }) => ({ name, source, id })),
  ),
)('the template $name is rehearsed with $id', async ({ name, source, id }) => {
  await save(source)
  const begun = await rehearse(name, id)
  expect(begun.words, JSON.stringify(begun.body)).toEqual([201, undefined])
  // No repository of a user has the branch of a sample: it begins where the repository always is.
  const { facts } = (await acme.admin.get(`/api/runs/${begun.body.run}/facts`)).body
  const { spec } = JSON.parse(facts[0].text).data
  for (const { ref } of spec.pins.repos) expect(ref).toBe('refs/heads/main')
  const { verdict } = (await acme.admin.get(`/api/deliveries/${begun.body.delivery}`)).body
  expect(verdict.includes("at the default branch of acme/payments-api in place of the sample's")).toBe(
    source.includes('from_event: true'),
  )
})

test('what a bot alone sets off is rehearsed as that bot, and what a team alone does not by others', async () => {
  await save(listening('by-bot', 'github', 'pr_opened', ", started_by: ['bots:github:49699333']"))
  const begun = await rehearse('by-bot', 'github.pull-request-opened')
  expect(begun.words).toEqual([201, undefined])
  const { facts } = (await acme.admin.get(`/api/runs/${begun.body.run}/facts`)).body
  expect(JSON.parse(facts[0].text).data.spec.event.actor).toMatchObject({
    id: 'github:49699333',
    trust: 'bot',
    person: null,
  })
  await save(listening('by-core', 'github', 'pr_opened', ", started_by: ['team:core']"))
  await acme.admin.put('/api/workflows/by-core/enabled', { enabled: true })
  expect((await rehearse('by-core', 'github.pull-request-opened', other)).words).toEqual([201, undefined])
  expect((await rehearse('by-core', 'github.pull-request-opened')).words).toEqual([
    403,
    expect.stringContaining('may start it'),
  ])
})
