// Does `viewport decide` say that nobody can give the vote a gate needs, and what would help?
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test } from 'vitest'
import { isolation, usage } from '@viewportai/core/run/testing/play'
import { testPlane } from '../../test/plane.ts'
import { specFor, Story } from '../../test/story.ts'

const at = await testPlane()
const home = mkdtempSync(path.join(tmpdir(), 'viewport-lack-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const cli = fileURLToPath(new URL('../cli.ts', import.meta.url))

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
  const { body } = await acme.admin.post('/api/tokens', { name: 'cli', days: 1 })
  const shown = async (): Promise<string> =>
    (
      await promisify(execFile)(process.execPath, [cli, 'decide', id], {
        env: {
          PATH: path.dirname(process.execPath),
          HOME: home,
          VIEWPORT_URL: at.url,
          VIEWPORT_TOKEN: body.token as string,
        },
      })
    ).stdout
  expect(await shown()).not.toContain('add somebody')
  await acme.admin.put(`/api/people/${kim.id}`, { active: false })
  expect(await shown()).toContain('A vote is needed and nobody may give one: add somebody to team payments.')
  await acme.person('lee', { teams: ['payments'] })
  expect(await shown()).not.toContain('add somebody')
})
