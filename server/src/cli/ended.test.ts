// What does `viewport` say of a run that was stopped, and of work that used no model?
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, expect, test, vi } from 'vitest'
import { noUsage } from '@viewportai/core/run/state'
import { testPlane } from '../../test/plane.ts'
import { specFor, Story } from '../../test/story.ts'

const at = await testPlane()
const home = mkdtempSync(path.join(tmpdir(), 'viewport-ended-'))
afterAll(() => rmSync(home, { recursive: true, force: true }))
const cli = fileURLToPath(new URL('../cli.ts', import.meta.url))

test('why it ended, and that no model was used', async () => {
  const acme = await at.workspace('acme', ['payments'])
  const story = await new Story(at.plane.context.db, acme.id).start(specFor(acme.admin))
  await story.finishes('plan', {
    type: 'failed',
    failure: { code: 'x', class: 'agent', summary: 'It fell over.', check: 'Look.', retrySafe: false, started: true },
    usage: noUsage,
    log: null,
    millis: 1,
  })
  const { body } = await acme.admin.post('/api/tokens', { name: 'cli', days: 1 })
  const viewport = async (...words: string[]): Promise<string> =>
    (
      await promisify(execFile)(process.execPath, [cli, ...words], {
        env: {
          PATH: path.dirname(process.execPath),
          HOME: home,
          VIEWPORT_URL: at.url,
          VIEWPORT_TOKEN: body.token as string,
        },
      })
    ).stdout
  expect(await viewport('decide', (await story.gate()).id)).toMatch(/^ *Cost +no model used$/m)
  await acme.admin.post('/api/runs/1/cancellation', { reason: 'started by mistake' })
  await vi.waitFor(async () => expect((await story.state()).finished?.outcome).toBe('cancelled'), { timeout: 30_000 })
  expect(await viewport('runs', '1')).toContain('started by mistake')
}, 60_000)
