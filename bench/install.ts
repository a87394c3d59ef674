/**
 * How long does an install take? `npm ci` in a fresh clone of what is committed, with an empty cache and an empty home. It needs the
 * network (or a registry near by), so it is asked for with --install.
 */
import { spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { against, median, ms, notMeasured, type Figure } from './figures.ts'

const [what, goal] = ['install: npm ci, fresh clone, empty cache', 25_000]
const root = fileURLToPath(new URL('..', import.meta.url))

export const installFigures = async (rounds: number, asked: boolean): Promise<Figure[]> => {
  if (!asked) return [notMeasured(what, `<= ${ms(goal)}`, '--install')]
  const [cold, warm]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    const folder = mkdtempSync(path.join(tmpdir(), 'viewport-bench-install-'))
    try {
      cold.push(await installIn(folder, 'first'))
      warm.push(await installIn(folder, 'second'))
    } finally {
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
    }
  }
  return [
    against(what, median(cold), goal, ms, {
      note: `rounds: ${cold.map(ms).join(', ')}; the web app is built in it; a second clone with npm's cache filled ${ms(median(warm))}`,
    }),
  ]
}

const installIn = async (folder: string, name: string): Promise<number> => {
  const [clone, home] = [path.join(folder, name), path.join(folder, 'home')]
  mkdirSync(home, { recursive: true })
  const cloned = spawnSync('git', ['clone', '--quiet', '--no-local', root, clone], { encoding: 'utf8' })
  if (cloned.status !== 0) throw new Error(`git clone: ${cloned.stderr}`)
  const began = performance.now()
  const child = spawn('npm', ['ci', '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], {
    cwd: clone,
    stdio: ['ignore', 'ignore', 'pipe'],
    shell: process.platform === 'win32',
    env: {
      PATH: pathWithoutOurs(),
      HOME: home,
      npm_config_cache: path.join(home, '.npm'),
      // Which registry is the machine's business, as for everybody who installs here.
      ...(process.env['npm_config_registry'] && { npm_config_registry: process.env['npm_config_registry'] }),
      ...(process.env['npm_config_userconfig'] && { npm_config_userconfig: process.env['npm_config_userconfig'] }),
    },
  })
  let said = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text))
  const code = await new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve))
  const took = performance.now() - began
  if (code !== 0)
    throw new Error(`npm ci ended with ${code}: ${said.replaceAll(/https?:\/\/[^\s/]+/g, 'the registry')}`)
  return took
}

/** npm puts this clone's programs first: a fresh clone has none, and finds the machine's own Node. */
const pathWithoutOurs = (): string =>
  (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => !folder.includes(`node_modules${path.sep}.bin`) && !folder.includes('node-gyp-bin'))
    .join(path.delimiter)
