// Does `viewport decide` say that nobody can give the vote a gate needs, and what would help?
import { expect, test } from 'vitest'
import { isolation, usage } from '@viewportai/core/run/testing/play'
import { viewportOf } from '../../test/cli.ts'
import { testPlane } from '../../test/plane.ts'
import { specFor, Story } from '../../test/story.ts'

const at = await testPlane()

test('on the card, until somebody joins', async () => {
  const acme = await at.workspace('acme', ['payments'])
  const kim = await acme.person('kim', { teams: ['payments'] })
  const story = await new Story(at.plane.context.db, acme.id).start(specFor(kim))
  await story.report('plan', { type: 'started', agent: null, isolation, resumed: false })
  await story.report('plan', {
    type: 'failed',
    failure: { code: 'x', class: 'agent', summary: 'It fell over.', check: 'Look.', retrySafe: false, started: true },
    usage,
    log: null,
    millis: 1,
  })
  const { kind, id } = await story.gate()
  expect(kind).toBe('question')
  const viewport = await viewportOf(acme.admin)
  const shown = async (): Promise<string> => {
    const { code, out } = await viewport('decide', id)
    expect(code).toBe(0)
    return out
  }
  expect(await shown()).not.toContain('add somebody')
  await acme.admin.put(`/api/people/${kim.id}`, { active: false })
  expect(await shown()).toContain('A vote is needed and nobody may give one: add somebody to team payments.')
  await acme.person('lee', { teams: ['payments'] })
  expect(await shown()).not.toContain('add somebody')
})
