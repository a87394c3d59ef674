// A runner that reaches the control plane by one WebSocket through a separate relay: paired, at work, the relay killed in the middle
// and started again, to a verified packet. While the relay is away the runner polls, and people see it.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { localAdmin, type Caller, type Json } from './testing/api.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Running } from './testing/program.ts'
import { acceptBareRunners } from './testing/without-wall.ts'

const [plane, runner] = [makePlace('relay'), makePlace('far')]
const remote = join(runner.folder, 'api.git')
const mayEnd = join(runner.folder, 'may-end')
const patience = { timeout: 60_000, interval: 100 }
let admin: Caller
let relay: Running
let at = ''
let worker: Running

beforeAll(async () => {
  await start(plane, viewportProgram, ['up', '--port', '0', '--data', plane.data], {
    VIEWPORT_LEASE_SECONDS: '15',
  }).says(/Ctrl-C stops everything/, 120_000)
  admin = localAdmin(plane.data)
  makeRepository()
  await tell(['repositories', 'add', 'acme/api', `file://${remote}`])
  await startRelay('127.0.0.1:0')
  writeAgent()
}, 180_000)

afterAll(() => {
  for (const place of [runner, plane]) {
    endAllOf(place.folder)
    place.remove()
  }
})

test('vpd pair --worker --relay, and vpd worker start', { timeout: 90_000 }, async () => {
  const pairing = start(runner, vpdProgram, ['pair', '--worker', '--server', admin.url, '--relay', at])
  const [, words = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  const [, code = ''] = /code: (\S+)/.exec(pairing.out())!
  await tell(['runners', 'approve', code, '--words', words, '--pool', 'local', '--repo', 'acme/api'])
  expect(await pairing.ended).toMatchObject({ code: 0 })
  await acceptBareRunners(plane)
  worker = start(runner, vpdProgram, ['worker', 'start'])
  await worker.says(new RegExp(`by the relay ${at}`))
  await expect.poll(transport, patience).toBe('relay')
  expect(await (await fetch(`${at}/healthz`)).json()).toEqual({ relay: true, open: 1 })
  expect((await run(runner, vpdProgram, ['status'])).out).toContain('slots in use · relay')
  expect((await run(runner, vpdProgram, ['doctor'])).out).toContain(`✓ relay ${at}: opens`)
})

test(
  'the relay is killed while an agent works, and started again: the lease is kept, the run succeeds',
  { timeout: 120_000 },
  async () => {
    await save(`name: mends
trigger: manual
repos: [acme/api]
approvals: []
steps:
  - { id: mend, mode: edit, agent: mender, prompt: "Mend {{ trigger.title }}." }
  - { id: check, run: ["true"], of: mend, baseline: false }
  - { action: git.open_change, of: mend }
runner: { pool: local }
`)
    const { number } = await admin.send('POST', '/api/runs', { workflow: 'mends', title: 'the price' })
    await expect.poll(async () => facts(number), patience).toContain('step.started')
    relay.child.kill('SIGKILL')
    await relay.ended
    await worker.says(/the relay cannot be used \(.+\): going on by polling/)
    await expect.poll(transport, patience).toBe('polling')
    expect((await tellOut(['runners'])).out).toContain('its relay cannot be used now, so it polls')
    await startRelay(new URL(at).host)
    await worker.says(/the relay is there again/)
    await expect.poll(transport, patience).toBe('relay')
    writeFileSync(mayEnd, '')
    await expect.poll(async () => (await admin.get(`/api/runs/${number}`)).outcome, patience).toBe('succeeded')
    const all = await facts(number)
    expect(all.filter((type) => type === 'step.started')).toHaveLength(2)

    const keys = join(plane.folder, 'keys.json')
    const packet = join(plane.folder, 'run.packet.zip')
    await tell(['keys', '-o', keys])
    await tell(['packet', String(number), '-o', packet])
    expect(await run(runner, vpdProgram, ['audit', 'verify', packet, '--key', keys])).toMatchObject({ code: 0 })
  },
)

test('a drain ends it well', { timeout: 60_000 }, async () => {
  expect(await run(runner, vpdProgram, ['drain', '--wait'])).toMatchObject({ code: 0 })
  expect(await worker.ended).toMatchObject({ code: 0 })
  await expect
    .poll(async () => (await (await fetch(`${at}/healthz`)).json()) as Json, patience)
    .toEqual({ relay: true, open: 0 })
  relay.child.kill('SIGTERM')
  expect(await relay.ended).toMatchObject({ code: 0 })
})

/** By what the runner calls, as people are told. */
const transport = async (): Promise<string> => (await admin.get('/api/runners')).runners[0].transport
const facts = async (number: number): Promise<string[]> =>
  (await admin.get(`/api/runs/${number}/facts`)).facts.map(
    ({ text }: { text: string }) => (JSON.parse(text) as { type: string }).type,
  )

const startRelay = async (listen: string): Promise<void> => {
  relay = start(plane, viewportProgram, ['relay', '--listen', listen, '--to', admin.url])
  const [, url = ''] = await relay.says(/relay on (\S+), to/)
  at = url
}

const tellOut = async (words: string[]) => {
  const ended = await run(plane, viewportProgram, words, { VIEWPORT_DATA_DIR: plane.data })
  expect(ended.code, `viewport ${words.join(' ')}\n${ended.out}${ended.err}`).toBe(0)
  return ended
}
const tell = async (words: string[]): Promise<void> => void (await tellOut(words))

const save = async (workflow: string): Promise<void> => {
  const file = join(plane.folder, 'workflow.yaml')
  writeFileSync(file, workflow)
  await tell(['workflows', 'save', file, '--enable'])
}

/** It works until a file says that it may end. */
const writeAgent = (): void => {
  const agent = join(runner.folder, 'mender')
  writeFileSync(agent, `#!/bin/sh\nwhile [ ! -e "${mayEnd}" ]; do sleep 0.1; done\necho mended > price.txt\n`)
  chmodSync(agent, 0o755)
  const home = join(runner.home, '.viewport/runner')
  mkdirSync(home, { recursive: true })
  writeFileSync(
    join(home, 'policy.yaml'),
    `commands:\n  mender: { argv: ["${agent}", "{prompt}"], prompt: argument, modes: [plan, edit] }\nwalls: { read: ["${runner.folder}"] }\n`,
  )
}

/** A bare remote with one commit. */
const makeRepository = (): void => {
  const git = (...words: string[]): string =>
    execFileSync('git', ['--git-dir', remote, ...words], { encoding: 'utf8', env: runner.env, input: '' }).trim()
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote], { env: runner.env })
  const commit = git('-c', 'user.name=n', '-c', 'user.email=n@example.com', 'commit-tree', '-m', 'One', git('mktree'))
  git('update-ref', 'refs/heads/main', commit)
}
