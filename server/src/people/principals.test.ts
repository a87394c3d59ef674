// Does everything that asks who holds a principal get the same answer? An admin is a member too; who has left holds nothing.
import { expect, test } from 'vitest'
import { testPlane } from '../../test/plane.ts'
import { atPlanGate, specFor } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { holders } from '../workflows/world.ts'
import { principalsOf } from './principals.ts'
import { readNames, readPeople } from './read.ts'
import { steps } from '@viewportai/core/run/testing/play'

const { plane, workspace } = await testPlane()
const { db } = plane.context

test('names, holders and the person themselves agree', async () => {
  const acme = await workspace('acme', ['payments'])
  const dana = await acme.person('dana', { teams: ['payments'] })
  const gone = await acme.person('gone', { teams: ['payments'] })
  await acme.admin.put(`/api/people/${gone.id}`, { active: false })
  await inWorkspace(db, acme.id, async (tx) => {
    const [names, people] = [await readNames(tx), await readPeople(tx)]
    for (const [principal, ids] of [
      ['role:member', [acme.admin.id, dana.id]],
      ['role:admin', [acme.admin.id]],
      ['team:payments', [dana.id]],
      ['user:dana', [dana.id]],
      [`user:${dana.id}`, [dana.id]],
      ['user:gone', []],
      ['team:nobody', []],
    ] as const) {
      expect(names.people(principal), principal).toEqual(ids)
      expect(holders({ people }, [principal]).map((one) => one.id)).toEqual(ids)
      expect(people.filter((one) => one.active && principalsOf(one).includes(principal)).map((one) => one.id)).toEqual(
        ids,
      )
    }
  })
})

test("a gate that any member may decide is an admin's too on the board", async () => {
  const beta = await workspace('beta')
  const kim = await beta.person('kim')
  await atPlanGate(
    db,
    beta.id,
    specFor(kim, {
      steps: steps.map((one) =>
        one.id === 'plan_review' ? { ...one, approvers: ['role:member'] } : one,
      ) as typeof steps,
    }),
  )
  const [row] = (await beta.admin.get('/api/board')).body.rows
  expect(row.awaits).toContain(beta.admin.id)
  expect((await beta.admin.get('/api/inbox')).body.total).toBe(1)
})
