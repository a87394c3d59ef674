import { readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { Change } from '@viewportai/core/gate/subject'
import { fetchCommit, openCache } from '../git/cache.ts'
import { testRemote, type Files, type TestRemote } from '../git/remote.fixture.ts'
import { remoteOf } from '../git/remote-url.ts'
import { findProcesses } from '../process/sweep.ts'
import { madeChange } from './change.fixture.ts'
import { checkCommands } from './check-commands.ts'
import { doJob } from './do-job.ts'
import { checksJob } from './job.fixture.ts'
import type { Setup } from './port.ts'
import { testPort, type TestPort } from './port.fixture.ts'
import { markerOf } from './step-folder.ts'

let remote: TestRemote
afterEach(() => rm(remote.root, { recursive: true, force: true }))
const setup = (): Setup => ({ home: path.join(remote.root, 'home'), passEnvironment: [], commands: {} })

const cacheOf = () => openCache(setup().home, remoteOf(remote.url))
const changeWith = async (files: Files): Promise<Change> => {
  const cache = await cacheOf()
  const base = await fetchCommit(cache, 'main', null)
  return (await madeChange(cache, base, 'refs/heads/vp/x-123abc', path.join(remote.root, 'step'), files)).change
}
const run = async (also: Parameters<typeof checksJob>[1]): Promise<TestPort> => {
  const port = testPort(checksJob(remote, also), { step: 'verify' })
  await doJob(port, setup())
  expect(await findProcesses({ marker: markerOf(setup(), port.lease), group: null, folder: null })).toEqual([])
  return port
}
const resultOf = (port: TestPort) => {
  const end = port.reports.at(-1)
  if (end?.type !== 'finished' || end.result.kind !== 'checks') throw new Error(JSON.stringify(end))
  return end.result
}

describe('the commands a repository declares', () => {
  it.each<[string, Files, string[], string | null]>([
    [
      'its own file, as a list',
      { '.viewport/checks.yaml': '- npm ci\n- npm test\n', 'package.json': '{}' },
      ['npm ci', 'npm test'],
      '.viewport/checks.yaml',
    ],
    [
      'its own file, by name',
      { '.viewport/checks.yaml': 'checks: ["./check"]\n' },
      ['./check'],
      '.viewport/checks.yaml',
    ],
    [
      'its own file that wants none',
      { '.viewport/checks.yaml': '[]\n', Makefile: 'test:\n' },
      [],
      '.viewport/checks.yaml',
    ],
    [
      'npm without dependencies',
      { 'package.json': '{"scripts":{"test":"node --test"}}' },
      ['npm test'],
      'package.json',
    ],
    [
      'npm with a lock file',
      { 'package.json': '{"scripts":{"test":"x"},"devDependencies":{"a":"1"}}', 'package-lock.json': '{}' },
      ['npm ci', 'npm test'],
      'package.json',
    ],
    [
      'npm without a lock file',
      { 'package.json': '{"scripts":{"test":"x"},"dependencies":{"a":"1"}}' },
      ['npm install --no-audit --no-fund', 'npm test'],
      'package.json',
    ],
    [
      'pnpm',
      { 'package.json': '{"scripts":{"test":"x"},"dependencies":{"a":"1"}}', 'pnpm-lock.yaml': '' },
      ['pnpm install --frozen-lockfile', 'pnpm test'],
      'package.json',
    ],
    [
      'yarn',
      { 'package.json': '{"scripts":{"test":"x"},"dependencies":{"a":"1"}}', 'yarn.lock': '' },
      ['yarn install --immutable', 'yarn test'],
      'package.json',
    ],
    [
      'npm’s placeholder and a Makefile',
      {
        'package.json': '{"scripts":{"test":"echo \\"Error: no test specified\\" && exit 1"}}',
        Makefile: 'all:\n\ntest: all\n\techo\n',
      },
      ['make test'],
      'Makefile',
    ],
    ['a Makefile that sets a variable of that name', { Makefile: 'test := x\n' }, [], null],
    ['pytest', { 'pyproject.toml': '[tool.pytest.ini_options]\n' }, ['python3 -m pytest'], 'pyproject.toml'],
    ['a Python project without it', { 'pyproject.toml': '[project]\n' }, [], null],
    ['go', { 'go.mod': 'module x\n' }, ['go test ./...'], 'go.mod'],
    ['cargo', { 'Cargo.toml': '[package]\n' }, ['cargo test'], 'Cargo.toml'],
    [
      'composer',
      { 'composer.json': '{"scripts":{"test":"phpunit"}}' },
      ['composer install --no-interaction', 'composer test'],
      'composer.json',
    ],
    ['broken JSON', { 'package.json': '{' }, [], null],
    ['nothing', { 'README.md': 'x' }, [], null],
  ])('%s', async (_name, files, commands, from) => {
    remote = await testRemote(files)
    const cache = await cacheOf()
    expect(await checkCommands(cache.dir, await fetchCommit(cache, 'main', null))).toEqual({ commands, from })
  })
})

describe('checks', () => {
  it('that cannot be found are a plain answer, not a success', async () => {
    remote = await testRemote({ 'README.md': 'x' })
    expect(resultOf(await run({}))).toMatchObject({ found: false, passed: false, commands: [], baseline: null })
  })

  it('whose file cannot be read are a failure that names the file', async () => {
    remote = await testRemote({ '.viewport/checks.yaml': 'checks: 7\n' })
    expect((await run({})).reports.at(-1)).toMatchObject({
      type: 'failed',
      failure: {
        code: 'checks_unreadable',
        class: 'checks',
        summary: expect.stringContaining('.viewport/checks.yaml cannot be read: line 1, column 9: '),
      },
    })
  })

  it('are those of the base: a change cannot choose its own', async () => {
    remote = await testRemote({
      '.viewport/checks.yaml': '- ./check\n',
      check: { program: '#!/bin/sh\ngrep good state\n' },
      state: 'bad\n',
    })
    const change = await changeWith({ '.viewport/checks.yaml': '- "true"\n' })
    expect(resultOf(await run({ change, baseline: false }))).toMatchObject({
      passed: false,
      commands: [{ command: './check', exit: 1 }],
    })
  })

  it('run on the tree of the change in a clean clone, red before and green after', async () => {
    remote = await testRemote({
      '.viewport/checks.yaml': '- "test ! -e left && touch left"\n- grep good state\n',
      state: 'bad\n',
    })
    const change = await changeWith({ state: 'good\n' })
    const port = await run({ change })
    expect(port.reports.map((r) => r.type)).toEqual(['started', 'pinned', 'finished'])
    expect(resultOf(port)).toMatchObject({
      passed: true,
      tree: change.tree,
      commands: [{ exit: 0 }, { command: 'grep good state', exit: 0 }],
      baseline: [{ exit: 0 }, { exit: 1 }],
    })
    expect(port.logText()).toContain('◆ [change] $ grep good state\ngood\n◆ [change] exit 0')
    expect(port.text(resultOf(port).commands[1]?.log)).toBe('good\n')
  })

  it('stop at the first that fails; what did not run is not listed', async () => {
    remote = await testRemote({ 'README.md': 'x' })
    const result = resultOf(await run({ commands: ['exit 255', 'echo never'] }))
    expect(result).toMatchObject({ found: true, passed: false, commands: [{ command: 'exit 255', exit: 255 }] })
    expect(result.commands).toHaveLength(1)
  })

  it('ended by a signal have no exit code', async () => {
    remote = await testRemote({ 'README.md': 'x' })
    expect(resultOf(await run({ commands: ['kill -9 $$'] })).commands[0]?.exit).toBe(null)
  })

  it('see no secret of vpd, no HOME of its user, no git of its own', async () => {
    remote = await testRemote({ 'README.md': 'x' })
    process.env['VPD_TEST_CANARY'] = 'canary-value'
    const port = await run({ commands: ['env; git remote -v; cat /proc/self/environ | tr "\\0" "\\n"'] })
    delete process.env['VPD_TEST_CANARY']
    expect(port.logText()).not.toContain('canary-value')
    expect(port.logText()).toContain(`HOME=${path.join(setup().home, 'work')}`)
    expect(port.logText()).not.toContain('origin')
  })

  it('leave nothing running, and write at most the cap into the log', async () => {
    remote = await testRemote({ 'README.md': 'x' })
    const port = await run({
      commands: ['setsid sleep 1000 & nohup sleep 1001 >/dev/null 2>&1 & head -c 50000000 /dev/zero | tr "\\0" "x"'],
    })
    expect(resultOf(port)).toMatchObject({ passed: true })
    expect(port.logText().length).toBeLessThan(17_000_000)
    expect(port.logText()).toContain('[vpd kept the first 16777216 bytes of this output; 33222784 more were not kept]')
  })

  it('that take too long are stopped, and it says which', async () => {
    remote = await testRemote({ 'README.md': 'x' })
    const port = await run({ commands: ['true', 'sleep 100'], limits: { seconds: 1, tokens: null, usdMicros: null } })
    expect(port.reports.at(-1)).toMatchObject({
      type: 'failed',
      failure: { code: 'time_limit', class: 'budget', summary: expect.stringContaining('sleep 100') as string },
    })
  })

  it.each([-86_400_000, 86_400_000])(
    'take the time they take when the clock is set by %d ms meanwhile (F13)',
    async (by) => {
      remote = await testRemote({ 'a.txt': 'a\n' })
      const port = testPort(checksJob(remote, { commands: ['sleep 0.4', 'true'] }), { step: 'verify' })
      vi.useFakeTimers({ toFake: ['Date'] })
      try {
        const done = doJob(port, setup())
        while (!port.logText().includes('$ sleep') && port.reports.every(({ type }) => type !== 'failed'))
          await new Promise((next) => setTimeout(next, 10))
        vi.setSystemTime(Date.now() + by)
        await done
      } finally {
        vi.useRealTimers()
      }
      const [slept] = resultOf(port).commands
      expect(slept).toMatchObject({ exit: 0 })
      expect(slept!.millis).toBeGreaterThanOrEqual(300)
      expect(slept!.millis).toBeLessThan(60_000)
      expect(port.reports.at(-1)).toMatchObject({ type: 'finished', result: { passed: true } })
    },
  )

  it('run no filter, hook or monitor that the repository brings (T12)', async () => {
    remote = await testRemote({
      'README.md': 'x',
      '.gitattributes': '* filter=evil\n',
      '.gitconfig': '[filter "evil"]\n\tsmudge = touch ../../../../../canary\n',
      '.git-hooks/post-checkout': { program: '#!/bin/sh\ntouch ../../../../../canary\n' },
    })
    await run({ commands: ['true'] })
    await expect(readFile(path.join(remote.root, 'canary'))).rejects.toThrow('ENOENT')
  })
})
