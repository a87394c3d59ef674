// A folder of a test's own: home, data folder and environment for the programs it starts.
import { chmodSync, mkdtempSync, mkdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const ROOT = join(import.meta.dirname, '../..')

export type Place = { folder: string; home: string; data: string; env: Record<string, string>; remove(): void }

/** Makes it; `remove` at the end. Nothing of the machine's own environment gets in but what is listed here. */
export function makePlace(name: string): Place {
  const folder = mkdtempSync(join(tmpdir(), `viewport-${name}-`))
  chmodSync(folder, 0o711) // for root: the user who runs PostgreSQL passes through
  const home = join(folder, 'home')
  mkdirSync(home, { mode: 0o700 })
  const env: Record<string, string> = {
    PATH: `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`,
    HOME: home,
    LANG: 'C.UTF-8',
    NO_COLOR: '1',
    VIEWPORT_TEST_PLACE: folder, // so that a process that was left behind can be told
  }
  return {
    folder,
    home,
    data: join(folder, 'data'),
    env,
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }),
  }
}
