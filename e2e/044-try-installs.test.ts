// `viewport try` on the commonest repository there is: one with dependencies, behind a sandbox, where no step reaches a registry by itself. Real npm,
// a registry of ours on this machine, an agent that installs as well.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, beforeEach, expect, test, type TestContext } from 'vitest'

import { localAdmin } from './testing/api.ts'
import { startRegistry, type NpmRegistry } from './testing/npm-registry.ts'
import { makeOwnRepository, type OwnRepository } from './testing/own-repository.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram } from './testing/program.ts'
import { talk, type Talking } from './testing/talk.ts'

const place = makePlace('try-installs')
const task = 'Three mugs with 10 % off cost one cent too much'
const home = join(place.folder, 'runner')
const policy = join(home, 'policy.yaml')
const agent = join(place.folder, 'mine.mjs')
const mine = `# Mine.
commands:
  mine: { argv: [node, ${agent}], modes: [plan, edit] }   # installs what it needs
walls: { read: [${agent}] }
`
let registry: NpmRegistry
let repository: OwnRepository
let wall = ''

/** Plans; when it carries the plan out it installs what the repository needs, reckons with that, and says how it went. */
const program = `
import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
const prompt = readFileSync(0, 'utf8')
if (!/^# Work$/m.test(prompt)) {
  console.log('# Round once\\n\\n1. Round the whole order, with half-up.\\n\\n## Files\\n\\n- \`src/price.js\`\\n')
  process.exit()
}
const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { stdio: ['ignore', 2, 2] })
const installed = status === 0 && (await import(pathToFileURL('node_modules/half-up/index.js').href)).halfUp(2.5) === 3
const text = readFileSync('src/price.js', 'utf8')
  .replace('total += Math.round((cents * (100 - percentOff)) / 100) * quantity', 'total += cents * quantity')
  .replace('return total', 'return halfUp((total * (100 - percentOff)) / 100)')
const tried = installed ? 'The agent could install.' : 'The agent could not install.'
writeFileSync('src/price.js', "import { halfUp } from 'half-up'\\n\\n// " + tried + "\\n" + text)
`

beforeAll(async () => {
  registry = await startRegistry(place, 'half-up', 'export const halfUp = (x) => Math.floor(x + 0.5)\n')
  repository = makeOwnRepository(place)
  const write = (file: string, text: string): void => writeFileSync(join(repository.folder, file), text)
  const shop = { name: 'shop', version: '1.0.0', private: true, type: 'module' }
  const scripts = { test: 'node --test' }
  write('package.json', JSON.stringify({ ...shop, scripts, dependencies: { 'half-up': '1.0.0' } }))
  write('package-lock.json', registry.lock('shop'))
  write('.npmrc', `registry=http://${registry.host}/\n`)
  write('.gitignore', 'node_modules/\n')
  repository.git('add', 'package.json', 'package-lock.json', '.npmrc', '.gitignore')
  repository.git('-c', 'core.hooksPath=/dev/null', 'commit', '--quiet', '--message', 'Round with half-up')
  mkdirSync(home, { mode: 0o700 })
  writeFileSync(agent, program)
  const looked = await run(place, vpdProgram, ['look', '--json'])
  wall = (JSON.parse(looked.out) as { isolation: { level: string } }).isolation.level
}, 60_000)
beforeEach((context: TestContext) => {
  if (wall !== 'sandbox') context.skip(`no sandbox can be built here, only ${wall}`)
  writeFileSync(policy, mine)
  registry.asked.length = 0
})
afterAll(() => {
  registry?.close()
  endAllOf(place.folder)
  place.remove()
})

const trying = async (...more: string[]): Promise<Talking> => {
  const words = ['--agent', 'mine', '--home', home, '--decide-here', ...more]
  const asks = talk(place, ['try', repository.folder, task, ...words])
  await asks.says(/Enter alone to go on without/)
  return asks
}
const alone = ['--data', place.data, '--port', '0']
const decisions = /approve, reject, or changes WORDS/g

test(
  'one answer lets checks and agent install, and the change comes through tested',
  { timeout: 300_000 },
  async () => {
    const before = repository.everything()
    const asks = await trying(...alone)
    const said = asks.out()
    expect(said).toMatch(/Checks +npm ci, npm test, from package\.json/)
    expect(said).toContain(`They download packages (${registry.host}), which no step reaches here`)
    expect(said).toContain(`Steps can be let reach them by these lines in ${policy}:`)
    expect(said).toContain(`    network:\n      checks: ["${registry.host}"]\n      agents: ["${registry.host}"]\n`)
    expect(said).toMatch(/A registry is a way out too: what runs in a step can send there what it reads/)
    expect(readFileSync(policy, 'utf8')).toBe(mine) // nothing was written for being asked
    asks.type(registry.host)
    await asks.says(/Written into .*\n  Leaves  .*lets through: 127\.0\.0\.2:\d+\n/)
    expect(readFileSync(policy, 'utf8')).toBe(
      `${mine}network:\n  checks: ["${registry.host}"]\n  agents: ["${registry.host}"]\n  near: ["${registry.host}"]\n`,
    )
    await asks.saysTimes(decisions, 1, 120_000)
    asks.type('approve')
    await asks.saysTimes(decisions, 2, 120_000)
    expect(asks.out()).toContain('+// The agent could install.')
    expect(asks.out()).toMatch(/Checks passed {2}3 passed, 0 failed\. npm ci, npm test\./)
    expect(registry.asked.filter((url) => url.endsWith('.tgz')).length).toBeGreaterThan(0)
    expect(repository.everything()).toEqual(before)
    asks.type('approve')
    await asks.says(/Make this a workflow\?/, 120_000)
    asks.type('')
    expect(await asks.ended).toMatchObject({ code: 0 })
    const [, ref = ''] = /is the branch (vp\/\S+) at/.exec(asks.out()) ?? []
    expect(repository.git('show', `${ref}:src/price.js`)).toContain('half-up')
    expect(repository.git('diff', '--name-only', 'main', ref)).toBe('src/price.js')
  },
)

test(
  'Enter alone goes on as it is: nothing is written, nothing is reached, and the checks say why',
  { timeout: 300_000 },
  async () => {
    const asks = await trying(...alone)
    asks.type('')
    await asks.saysTimes(decisions, 1, 120_000)
    asks.type('approve')
    await asks.says(/checks failed|did not pass|checks are red/i, 120_000)
    expect(readFileSync(policy, 'utf8')).toBe(mine)
    expect(registry.asked).toEqual([])
    asks.child.kill('SIGINT')
    await asks.ended
  },
)

test(
  'any other word starts nothing and writes nothing; once allowed it is not asked again',
  { timeout: 120_000 },
  async () => {
    for (const word of ['registries', 'yes', `${registry.host} evil.example`]) {
      const asks = await trying(...alone)
      asks.type(word)
      expect(await asks.ended).toMatchObject({ code: 1, err: expect.stringContaining('Nothing was started.') })
    }
    expect(readFileSync(policy, 'utf8')).toBe(mine)
    const allowed = await run(place, vpdProgram, ['network', 'allow', registry.host, '--home', home])
    expect(allowed).toMatchObject({ code: 0 })
    const asks = talk(place, ['try', repository.folder, task, '--agent', 'mine', '--home', home, ...alone])
    await asks.says(/Press Enter to go on/)
    expect(asks.out()).not.toMatch(/They download packages/)
    asks.type('no')
    await asks.ended
  },
)

test(
  'a worker that runs already is not made to go by a policy that it has not read',
  { timeout: 180_000 },
  async () => {
    const data = join(place.folder, 'mine')
    const up = start(place, viewportProgram, ['up', '--port', '0', '--data', data])
    await up.says(/Ctrl-C stops everything/)
    const { url } = localAdmin(data)
    const first = await trying('--data', data) // pairs the runner
    first.type('')
    await first.says(/approve, reject, or changes WORDS/, 120_000)
    first.type('reject')
    await first.ended
    const worker = start(place, vpdProgram, ['worker', 'start', '--server', url, '--home', home])
    await worker.says(/online/)
    const asks = await trying('--data', data)
    asks.type(registry.host)
    expect(await asks.ended).toMatchObject({ code: 1, err: expect.stringMatching(/--takeover.*No run was started/s) })
    expect(worker.child.exitCode).toBe(null)
    for (const one of [worker, up]) {
      one.child.kill('SIGINT')
      await one.ended
    }
  },
)
