import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepToken } from '../credentials/repository-tokens.ts'
import { keyFileOf } from '../identity/pairing.ts'
import { parsePolicy } from '../policy/policy.ts'
import { openBench, type Bench } from '../testing/bench.ts'
import { installCommand } from './install.ts'
import { readPolicyFinding, secretFindings } from './kept.ts'
import { diskFinding, gitFinding, limitFindings, nodeFinding } from './machine.ts'
import { proxyWords, reachFindings } from './reach.ts'
import { wallFix, workFindings } from './work.ts'

let bench: Bench
let root = ''
beforeEach(async () => {
  bench = await openBench()
  root = await mkdtemp(path.join(os.tmpdir(), 'vpd-doctor-'))
})
afterEach(async () => {
  await bench.end()
  await rm(root, { recursive: true, force: true })
})
const write = async (file: string, text: string, mode = 0o600): Promise<string> => {
  const whole = path.join(root, file)
  await mkdir(path.dirname(whole), { recursive: true })
  await writeFile(whole, text, { mode })
  return whole
}

test('programs that are too old or not there are named, with the command that installs them here', async () => {
  expect(nodeFinding('20.18.3')).toMatchObject({ ok: false, fix: expect.stringContaining('20.19') })
  expect([nodeFinding('20.19.0').ok, nodeFinding('24.0.0').ok, nodeFinding('9.30.0').ok]).toEqual([true, true, false])
  const old = await write('git', '#!/bin/sh\necho git version 2.30.9\n', 0o700)
  expect(await gitFinding('ID=alpine\n', old)).toMatchObject({ ok: false, fix: 'Run `sudo apk add git`.' })
  expect(await gitFinding('ID=debian\n', '/nowhere/git')).toMatchObject({
    ok: false,
    words: 'not found on PATH',
    fix: 'Run `sudo apt-get install -y git`.',
  })
  expect((await gitFinding('')).ok).toBe(true)
})

test.each([
  ['ID=ubuntu\nID_LIKE=debian\n', 'sudo apt-get install -y bubblewrap'],
  ['ID=mint\nID_LIKE="ubuntu debian"\n', 'sudo apt-get install -y bubblewrap'],
  ['ID="rocky"\nID_LIKE="rhel centos fedora"\n', 'sudo dnf install -y bubblewrap'],
  ['ID="opensuse-leap"\nID_LIKE="suse opensuse"\n', 'sudo zypper install -y bubblewrap'],
  ['ID=arch\n', 'sudo pacman -S bubblewrap'],
  ['ID=plan9\n', 'install the package bubblewrap'],
])('%j installs by %s', (release, command) => expect(installCommand('bubblewrap', release, 'linux')).toBe(command))

test('why a wall is not better is told with what makes it so', () => {
  const fix = (why: string, platform = 'linux'): string => wallFix(why, 'ID=debian\n', platform)
  expect(fix('No sandbox: bwrap is not installed (package bubblewrap)')).toContain('apt-get install -y bubblewrap')
  expect(fix('nsenter is not installed (package util-linux)')).toContain('apt-get install -y util-linux')
  expect(fix('No sandbox: bwrap: setting up uid map: Permission denied')).toContain('apparmor_restrict_unprivileged')
  expect(fix('anything', 'win32')).toContain('WSL 2')
})

test('little room and tight limits are found, with the setting that widens them', async () => {
  expect(await diskFinding(root, 1)).not.toMatchObject({ ok: false })
  expect(await diskFinding(root, 1e9)).toMatchObject({ ok: false, fix: expect.stringContaining('keep_days') })
  expect(await limitFindings(path.join(root, 'none'))).toMatchObject([{ ok: true }])
  await write(
    'proc/self/limits',
    'Limit  Soft Limit  Hard Limit  Units\nMax open files            256      4096     files\nMax processes             unlimited  unlimited  processes\n',
  )
  await write('proc/self/cgroup', '0::/system.slice/vpd.service\n')
  await write('sys/fs/cgroup/system.slice/vpd.service/memory.max', '268435456\n')
  await write('sys/fs/cgroup/system.slice/vpd.service/pids.max', '64\n')
  expect(await limitFindings(root)).toMatchObject([
    { ok: false, words: expect.stringContaining('open files: 256'), fix: expect.stringContaining('LimitNOFILE=') },
    { ok: false, words: expect.stringContaining('processes: 64'), fix: expect.stringContaining('TasksMax=') },
    { ok: false, words: expect.stringContaining('memory: 268.4 MB'), fix: expect.stringContaining('MemoryMax=') },
  ])
})

test('files that others can read or change are found before anything closes them', async () => {
  const { pairing, folder } = await bench.pair()
  expect(await secretFindings(bench.home, [pairing])).toMatchObject([{ ok: true }])
  await keepToken(folder, 'checkout', 'https://git.example/', { username: 'vpd', token: 'a-token-of-mine' })
  await chmod(keyFileOf(bench.home, pairing.runner), 0o644)
  await chmod(path.join(folder, 'credentials.json'), 0o640)
  const found = await secretFindings(bench.home, [pairing])
  expect(found).toMatchObject([
    { ok: false, words: expect.stringContaining('key.json is open to others (mode 644)') },
    { ok: false, words: expect.stringContaining('credentials.json is open to others (mode 640)') },
  ])
  expect(found[0]!.fix).toContain(`chmod go-rwx '${keyFileOf(bench.home, pairing.runner)}'`)

  await writeFile(path.join(bench.home, 'policy.yaml'), 'agents: [claude]\n')
  await chmod(path.join(bench.home, 'policy.yaml'), 0o666)
  expect((await readPolicyFinding(bench.home)).findings).toMatchObject([
    { ok: false, fix: expect.stringContaining('chmod go-w') },
  ])
  await writeFile(path.join(bench.home, 'policy.yaml'), 'agent: [claude]\n')
  expect(await readPolicyFinding(bench.home)).toMatchObject({ policy: null, findings: [{ what: 'policy', ok: false }] })
})

test('a key that is none is found, with how to pair again', async () => {
  const { pairing } = await bench.pair()
  await writeFile(keyFileOf(bench.home, pairing.runner), '{}')
  expect(await secretFindings(bench.home, [pairing])).toMatchObject([
    { ok: false, fix: expect.stringContaining('vpd unpair') },
  ])
})

test('a control plane is reached, knows the runner or not, has another time, or is gone', async () => {
  const { pairing } = await bench.pair()
  const look = async (what: string) =>
    (await reachFindings(bench.home, pairing)).find((one) => one.what.startsWith(what))
  expect(await look('control plane')).toMatchObject({ ok: true })
  expect(await look('clock')).toMatchObject({ ok: true })
  bench.plane.clockOff(-7_300)
  expect(await look('clock')).toMatchObject({ ok: false, fix: expect.stringContaining('timedatectl') })
  bench.plane.clockOff(0)
  bench.plane.runners.clear()
  expect(await look('control plane')).toMatchObject({ ok: false, words: expect.stringContaining('removed') })
  await bench.plane.stop()
  expect(await look('control plane')).toMatchObject({ ok: false, fix: expect.stringContaining('viewport up') })
})

test('a proxy that vpd does not use is named', () => {
  expect(proxyWords('https://viewport.example', { HTTPS_PROXY: 'http://p:3128' })).toContain('HTTPS_PROXY is set')
  expect(proxyWords('https://viewport.example', { http_proxy: 'http://p:3128' })).toBeNull()
  expect(proxyWords('http://127.0.0.1:7171', { HTTP_PROXY: 'http://p:3128' })).toBeNull()
})

test('what steps can do here: walls, agents, keys', async () => {
  const policy = parsePolicy('commands: { mine: { argv: [/bin/true] } }\nwalls: { level: none }\n', 'p')
  const found = await workFindings(bench.home, policy, [], '')
  expect(found.find(({ what }) => what === 'agent mine')).toMatchObject({ ok: null })
  expect(found.find(({ what }) => what === 'wall')?.words).toMatch(/^none/)
  expect(found.find(({ what }) => what === 'key anthropic')?.fix ?? '').toMatch(/vpd credentials set model|^$/)
  const none = await workFindings(bench.home, parsePolicy('agents: []\n', 'p'), [], '')
  expect(none.find(({ what }) => what === 'agents')).toMatchObject({
    ok: false,
    fix: expect.stringContaining('npm i -g'),
  })
})
