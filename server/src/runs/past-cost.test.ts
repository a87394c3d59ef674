/** What earlier runs cost: which of them count, and for whom. */
import { expect, test } from 'vitest'
import { planned, steps } from '@viewportai/core/run/testing/play'
import type { Report } from '@viewportai/core/wire/messages'
import { testPlane, type TestPerson } from '../../test/plane.ts'
import { specFor, Story } from '../../test/story.ts'

const { plane, workspace } = await testPlane()
const { db } = plane.context
const [acme, evil] = [await workspace('acme'), await workspace('evil')]

/** A run of one step with this agent that costs so many millionths of a dollar; null: nobody could say. */
const costing = async (usdMicros: number | null, agent: string | null = 'claude', of = acme): Promise<Story> => {
  const [plan] = steps
  if (plan?.kind !== 'agent') throw new Error('the first step of the play is one of an agent')
  const spec = specFor(of.admin, { steps: [{ ...plan, agent, needs: [] }] })
  const report = { ...planned, usage: { ...usage, usdMicros } } as Report
  return (await new Story(db, of.id).start(spec)).finishes('plan', report)
}
const usage = { inputTokens: 10, outputTokens: 5, cachedTokens: 0, source: 'gateway' } as const
const past = async (who: TestPerson, agent = 'claude'): Promise<unknown> =>
  (await who.get(`/api/past-cost?agent=${agent}`)).body

test('the median of those that succeeded with that agent and whose cost is known', async () => {
  expect(await past(acme.admin)).toEqual({ runs: 0, medianUsdMicros: null })
  const first = await costing(900_000)
  expect((await first.state()).finished?.outcome).toBe('succeeded')
  expect(await past(acme.admin)).toEqual({ runs: 1, medianUsdMicros: 900_000 })
  await costing(100_000)
  await costing(300_000)
  await costing(null) // not known is not nothing
  await costing(0)
  await costing(5_000_000, 'codex')
  await costing(7_000_000, null) // whoever did it
  expect(await past(acme.admin)).toEqual({ runs: 3, medianUsdMicros: 300_000 })
  expect(await past(acme.admin, 'codex')).toEqual({ runs: 1, medianUsdMicros: 5_000_000 })
})

test('another workspace has its own, and a run that goes on or failed has none', async () => {
  await costing(40_000, 'claude', evil)
  expect(await past(evil.admin)).toEqual({ runs: 1, medianUsdMicros: 40_000 })
  const [plan] = steps
  const open = await new Story(db, evil.id).start(specFor(evil.admin, { steps: [{ ...plan!, needs: [] }] }))
  expect((await open.state()).finished).toBeNull()
  expect(await past(evil.admin)).toEqual({ runs: 1, medianUsdMicros: 40_000 })
  expect((await evil.admin.get('/api/past-cost')).status).toBe(422)
})
