// Decisions with nobody there exist for the sample workspace alone; the control plane itself says no elsewhere.
import { expect, test } from 'vitest'
import { subjectDigest } from '@viewportai/core/gate/subject'
import { testDatabase } from '../../test/database.ts'
import { atPlanGate, specFor, type Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { decideGate } from '../gates/decide.ts'
import { factsOf } from '../ledger/read.ts'
import { addPerson, addTeam } from '../people/add.ts'
import { makeWorkspace } from '../people/workspace.ts'
import { sampleWorkspace } from './cast.ts'

const { db } = await testDatabase()
const via = { surface: 'sample', auth: 'sample' } as const

const story = async (sample: boolean, runIsSample = sample): Promise<{ story: Story; person: string }> => {
  const { workspace } = await makeWorkspace(db, { ...sampleWorkspace, slug: `w-${sample}-${runIsSample}`, sample })
  const person = await inWorkspace(db, workspace, async (tx) => {
    await addTeam(tx, { kind: 'system' }, { slug: 'payments', name: 'Payments' })
    const added = await addPerson(
      tx,
      { kind: 'system' },
      { handle: 'sam', name: 'Sam', email: null, role: 'member', teams: ['payments'] },
    )
    if ('refusal' in added) throw new Error(added.words)
    return added.id
  })
  const spec = { ...specFor({ id: 'usr_somebody', handle: 'somebody' }), sample: runIsSample }
  return { story: await atPlanGate(db, workspace, spec), person }
}

const approve = async ({ story: { workspace, gate }, person }: Awaited<ReturnType<typeof story>>, which: Story) => {
  const open = await gate.call(which)
  return decideGate(db, { workspace, person, name: 'Sam', via }, open.id, {
    verdict: 'approve',
    digest: subjectDigest(open.subject),
    comment: null,
    lines: [],
    answer: null,
  })
}

test('in the sample it decides, and the fact says how', async () => {
  const here = await story(true)
  expect(await approve(here, here.story)).toMatchObject({ state: 'closed', outcome: 'approved' })
  const facts = await inWorkspace(db, here.story.workspace, (tx) => factsOf(tx, here.story.run))
  const made = facts.find((fact) => fact.type === 'decision.made')!
  expect((JSON.parse(made.text) as { data: unknown }).data).toMatchObject({ via })
})

test.each([
  ['a workspace that is no sample', false, false],
  ['a workspace that is none, with a run that says it is', false, true],
  ['a run that is none, in the sample', true, false],
])('in %s it is refused, and nothing is decided', async (_, sample, runIsSample) => {
  const here = await story(sample, runIsSample)
  expect(await approve(here, here.story)).toMatchObject({ refusal: 'sample_only' })
  expect(await here.story.gate()).toMatchObject({ state: 'open', votes: [] })
})
