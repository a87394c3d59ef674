// What an owner of machines counts on: work waits with words where no runner fits, shares slots fairly, is refused by the policy of the machine,
// runs once on an ephemeral runner; its secrets are listed and never shown; the system keeps the worker running.
import { execFileSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { localAdmin, type Caller, type Json } from './testing/api.ts'
import { makePlace, type Place } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Ended, type Running } from './testing/program.ts'
import { acceptBareRunners } from './testing/without-wall.ts'

const [plane, desk, once] = [makePlace('plane'), makePlace('desk'), makePlace('once')]
const remotes = { 'acme/api': join(plane.folder, 'api.git'), 'acme/secret': join(plane.folder, 'secret.git') }
const patience = { timeout: 60_000, interval: 100 }
const secret = 'npm_0123456789abcdefSECRET'
let admin: Caller
let worker: Running

beforeAll(async () => {
  await start(plane, viewportProgram, ['up', '--port', '0', '--data', plane.data], {
    VIEWPORT_LEASE_SECONDS: '5',
  }).says(/Ctrl-C stops everything/, 120_000)
  admin = localAdmin(plane.data)
  for (const [name, remote] of Object.entries(remotes)) {
    makeRepository(remote)
    await tell(['repositories', 'add', name, `file://${remote}`])
  }
  for (const place of [desk, once]) writeAgent(place)
}, 180_000)

afterAll(() => {
  for (const place of [desk, once, plane]) {
    endAllOf(place.folder)
    place.remove()
  }
})

test(
  'a workflow that no runner fits is not ready, and a run of one that none fits any more says what is missing until one has it',
  { timeout: 90_000 },
  async () => {
    await pair(desk, 'desk', ['acme/api', 'acme/secret'])
    worker = start(desk, vpdProgram, ['worker', 'start', '--slots', '1'])
    await worker.says(/online/)
    await save('mends', 'acme/api')
    const elsewhere = await saved('elsewhere', 'acme/api', 'runner: { pool: gpu }')
    expect(elsewhere).toMatchObject({ code: 1 })
    expect(elsewhere.out + elsewhere.err).toContain('pool gpu: no runner is in this pool')
    const odd = await saved('odd', 'acme/api', 'runner: { pool: local, requires: [cobol] }')
    expect(odd).toMatchObject({ code: 1 })
    expect(odd.out + odd.err).toContain('cobol')

    await stop(worker)
    const number = await begin('mends')
    writePolicy(desk, 'commands: {}\n')
    worker = start(desk, vpdProgram, ['worker', 'start', '--slots', '1'])
    await worker.says(/online/)
    const unfit = async (): Promise<string> => JSON.stringify((await admin.get(`/api/runs/${number}`)).unfit)
    await expect.poll(unfit, patience).toMatch(/"lacks":\[[^\]]*mender/)
    expect((await tell(['runs', String(number)])).out).toContain('mender')

    await stop(worker)
    writePolicy(desk)
    go(desk)
    worker = start(desk, vpdProgram, ['worker', 'start', '--slots', '1'])
    await worker.says(/online/)
    await expect.poll(() => outcome(number), patience).toBe('succeeded')
  },
)

test(
  'the policy of the machine has the last word, and its no is a fact that people see',
  { timeout: 60_000 },
  async () => {
    await save('forbidden', 'acme/secret')
    const number = await begin('forbidden')
    await expect
      .poll(async () => (await facts(number)).find((fact) => fact.type === 'refusal.recorded')?.data, patience)
      .toMatchObject({ code: 'runner_refused', words: expect.stringMatching(/acme\/secret.*repositories/) })
    expect((await tell(['runs', String(number)])).out).toMatch(/acme\/secret/)
  },
)

test(
  'slots are shared fairly: one workflow with many runs does not keep another waiting',
  { timeout: 60_000 },
  async () => {
    await save('other', 'acme/api')
    halt(desk)
    const first = await begin('mends')
    await expect.poll(() => types(first), patience).toContain('step.started')
    const many = [await begin('mends'), await begin('mends'), await begin('mends')]
    const other = await begin('other')
    go(desk)
    for (const number of [...many, other]) await expect.poll(() => outcome(number), patience).toBe('succeeded')
    const at = async (number: number, type: string): Promise<number> =>
      (await facts(number)).find((fact) => fact.type === type)!.at
    const begun = await Promise.all(many.map((number) => at(number, 'step.started')))
    expect(await at(other, 'step.started')).toBeLessThan(Math.max(...begun))
    expect(await at(other, 'step.started')).toBeGreaterThanOrEqual(await at(first, 'step.finished')) // one slot
  },
)

test(
  'vpd credentials shows class, scope and last use of what steps were handed, never the value',
  { timeout: 60_000 },
  async () => {
    const kept = execFileSync(process.execPath, [vpdProgram, 'credentials', 'set', 'tool', 'NPM_TOKEN'], {
      env: desk.env,
      input: `${secret}\n`,
      encoding: 'utf8',
    })
    expect(kept).not.toContain(secret)
    const listed = async (): Promise<Json> =>
      JSON.parse((await run(desk, vpdProgram, ['credentials', '--json'])).out) as Json
    const one = async (): Promise<Json> => (await listed())['credentials'].find((it: Json) => it['class'] === 'tool')
    expect(await one()).toMatchObject({ class: 'tool', scope: 'NPM_TOKEN', lastUsed: null })
    await save('tells', 'acme/api', 'teller')
    const number = await begin('tells')
    await expect.poll(() => outcome(number), patience).toBe('succeeded')
    expect((await one())['lastUsed']).toBeTruthy()
    const shown = await run(desk, vpdProgram, ['credentials'])
    expect(shown.out).toMatch(/tool\s+NPM_TOKEN/)
    expect(JSON.stringify(await listed()) + shown.out).not.toContain(secret)
  },
)

test('an ephemeral runner takes exactly one run and goes', { timeout: 60_000 }, async () => {
  expect(await run(desk, vpdProgram, ['drain', '--wait'])).toMatchObject({ code: 0 })
  expect(await worker.ended).toMatchObject({ code: 0 })
  await tell(['workspace', 'change', '--bodies', 'stored'])
  await pair(once, 'once', ['acme/api'])
  go(once)
  const one = start(once, vpdProgram, ['worker', 'start', '--mode', 'ephemeral'])
  await one.says(/waiting for one run/)
  const [first, second] = [await begin('mends'), await begin('mends')]
  expect(await one.ended).toMatchObject({ code: 0 })
  expect([await outcome(first), await outcome(second)]).toEqual(['succeeded', null])
  await admin.send('POST', `/api/runs/${second}/cancellation`, { reason: 'not needed' })
})

test(
  'an ephemeral runner whose work was lost on the way ends with a code that says so',
  { timeout: 60_000 },
  async () => {
    halt(once)
    const one = start(once, vpdProgram, ['worker', 'start', '--mode', 'ephemeral'])
    await one.says(/waiting for one run/)
    const number = await begin('mends')
    await expect.poll(() => types(number), patience).toContain('step.started')
    one.child.kill('SIGSTOP')
    await expect.poll(() => types(number), patience).toContain('step.lost')
    one.child.kill('SIGCONT')
    expect(await one.ended).toMatchObject({ code: 4, err: expect.stringMatching(/lost/) })
  },
)

test.skipIf(!existsSync('/usr/bin/systemd-analyze'))(
  'the unit that vpd writes is one that systemd finds nothing wrong with',
  { timeout: 30_000 },
  async () => {
    const { code, out } = await run(desk, vpdProgram, ['service', 'install', '--print'])
    expect(code).toBe(0)
    const unit = join(desk.folder, 'vpd.service')
    writeFileSync(unit, out)
    const said = execFileSync('systemd-analyze', ['verify', '--user', '--man=no', unit], {
      env: { ...desk.env, XDG_RUNTIME_DIR: desk.folder },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    expect(said.split('\n').filter((line) => line.includes('vpd.service'))).toEqual([])
    expect(out).toContain(join(desk.home, '.viewport/runner'))
  },
)

type Fact = { type: string; at: number; data: Json }
const facts = async (number: number): Promise<Fact[]> =>
  (await admin.get(`/api/runs/${number}/facts`)).facts.map(({ text }: { text: string }) => JSON.parse(text) as Fact)
const types = async (number: number): Promise<string[]> => (await facts(number)).map((fact) => fact.type)
const outcome = async (number: number): Promise<string | null> => (await admin.get(`/api/runs/${number}`)).outcome
const begin = async (workflow: string): Promise<number> =>
  (await admin.send('POST', '/api/runs', { workflow, title: 'the price' })).number

const tell = async (words: string[]): Promise<Ended> => {
  const ended = await run(plane, viewportProgram, words, { VIEWPORT_DATA_DIR: plane.data })
  expect(ended.code, `viewport ${words.join(' ')}\n${ended.out}${ended.err}`).toBe(0)
  return ended
}

const pair = async (place: Place, name: string, repositories: readonly string[]): Promise<void> => {
  const pairing = start(place, vpdProgram, ['pair', '--worker', '--server', admin.url, '--name', name])
  const [, words = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  const [, code = ''] = /code: (\S+)/.exec(pairing.out())!
  await tell([
    'runners',
    'approve',
    code,
    '--words',
    words,
    '--pool',
    'local',
    ...repositories.flatMap((one) => ['--repo', one]),
  ])
  expect(await pairing.ended).toMatchObject({ code: 0 })
  await acceptBareRunners(plane)
}

/** Saves and enables a workflow of one agent's step, ready or not. */
const saved = (
  name: string,
  repository: string,
  more = 'runner: { pool: local }',
  agent = 'mender',
): Promise<Ended> => {
  const file = join(plane.folder, `${name}.yaml`)
  writeFileSync(
    file,
    `name: ${name}\ntrigger: manual\nrepos: [${repository}]\napprovals: []\nsteps:\n  - { id: mend, mode: edit, agent: ${agent}, prompt: "Mend {{ trigger.title }}." }\n${more}\n`,
  )
  return run(plane, viewportProgram, ['workflows', 'save', file, '--enable'], { VIEWPORT_DATA_DIR: plane.data })
}
const save = async (name: string, repository: string, agent = 'mender'): Promise<void> => {
  const ended = await saved(name, repository, undefined, agent)
  expect(ended.code, ended.out + ended.err).toBe(0)
}
const stop = async (running: Running): Promise<void> => {
  running.child.kill('SIGTERM')
  await running.ended
}

/** It works when a file says that it may; another one works only with the secret that it is handed. */
const writeAgent = (place: Place): void => {
  mkdirSync(join(place.folder, 'shared'))
  const agent = join(place.folder, 'mender')
  writeFileSync(
    agent,
    `#!/bin/sh\nwhile [ ! -e "${place.folder}/shared/go" ]; do sleep 0.1; done\necho mended > price.txt\n`,
  )
  chmodSync(agent, 0o755)
  mkdirSync(join(place.home, '.viewport/runner'), { recursive: true })
  writePolicy(place)
}
/** The policy of the machine: one repository, two agents, a secret for one of them. */
const writePolicy = (
  place: Place,
  commands = `commands:
  mender: { argv: ["${place.folder}/mender", "{prompt}"], prompt: argument, modes: [edit] }
  teller: { argv: ["/bin/sh", "-c", "test \${#NPM_TOKEN} = ${secret.length} && echo told > price.txt"], modes: [edit] }
tools: { NPM_TOKEN: { agents: [teller] } }
`,
): void =>
  writeFileSync(
    join(place.home, '.viewport/runner/policy.yaml'),
    `${commands}walls: { read: ["${place.folder}"] }\nrepositories: ["file://${remotes['acme/api'].replace(/\.git$/, '')}"]\n`,
  )
const go = (place: Place): void => writeFileSync(join(place.folder, 'shared/go'), '')
const halt = (place: Place): void => rmSync(join(place.folder, 'shared/go'))

/** A bare remote with one commit. */
const makeRepository = (remote: string): void => {
  const git = (...words: string[]): string =>
    execFileSync('git', ['--git-dir', remote, ...words], { encoding: 'utf8', env: plane.env, input: '' }).trim()
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote], { env: plane.env })
  const commit = git('-c', 'user.name=n', '-c', 'user.email=n@example.com', 'commit-tree', '-m', 'One', git('mktree'))
  git('update-ref', 'refs/heads/main', commit)
}
