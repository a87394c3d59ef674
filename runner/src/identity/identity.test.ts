import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { serverAddress, pairingMeant, NoServer } from './find-server.ts'
import { homeFolder, runnerFolder } from './home.ts'
import { makeKey, readKey } from './key.ts'
import { lockHolder, takeLock } from './lock.ts'
import { erasePairing, keyFileOf, readPairings, savePairing, type Pairing } from './pairing.ts'
import { privateFolder } from '../disk/durable.ts'

let home: string
beforeEach(async () => {
  home = await mkdtemp(path.join(os.tmpdir(), 'vpd-home-'))
})
afterEach(() => rm(home, { recursive: true, force: true }))

const pairing = (runner: string, server: string): Pairing => ({
  v: 1,
  server,
  runner,
  name: 'payments-vps',
  pool: 'payments',
  workspace: { id: 'ws_1', name: 'Acme' },
  repositories: [],
  serverKeys: [{ kty: 'OKP', crv: 'Ed25519', x: '11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo' }],
  transport: 'polling',
})

test('a key is made once, for its owner alone, and read back', async () => {
  const file = path.join(await privateFolder(runnerFolder(home, 'rnr_1')), 'key.json')
  const key = await makeKey(file)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  expect((await stat(path.dirname(file))).mode & 0o777).toBe(0o700)
  expect(await readKey(file)).toMatchObject({ public: key.public, id: key.id, words: key.words })
  expect(JSON.stringify(key.public)).not.toContain(key.secret)
  await writeFile(file, '{"kty":"oct","k":"c2VjcmV0"}')
  await expect(readKey(file)).rejects.toThrow('does not hold an Ed25519 key')
})

test('several pairings are kept apart, and one is forgotten whole', async () => {
  expect(await readPairings(home)).toEqual([])
  for (const [runner, server] of [
    ['rnr_1', 'https://a.example'],
    ['rnr_2', 'https://b.example'],
  ] as const) {
    await privateFolder(runnerFolder(home, runner))
    await makeKey(keyFileOf(home, runner))
    await savePairing(home, pairing(runner, server))
  }
  const all = await readPairings(home)
  expect(all.map(({ server }) => server)).toEqual(['https://a.example', 'https://b.example'])
  expect(pairingMeant(all, { server: 'https://B.example/' }).runner).toBe('rnr_2')
  expect(() => pairingMeant(all, {})).toThrow(/several control planes .* Say which one with --server/)
  expect(() => pairingMeant(all, { server: 'https://c.example' })).toThrow(NoServer)
  await erasePairing(home, 'rnr_1')
  expect(pairingMeant(await readPairings(home), {}).runner).toBe('rnr_2')
  await expect(readFile(keyFileOf(home, 'rnr_1'))).rejects.toThrow('ENOENT')
})

test('a damaged pairing is named, not passed over', async () => {
  await privateFolder(runnerFolder(home, 'rnr_1'))
  await writeFile(path.join(runnerFolder(home, 'rnr_1'), 'pairing.json'), '{"v":1}')
  await expect(readPairings(home)).rejects.toThrow(/pairing\.json cannot be read/)
})

test("the home is --home, else VPD_HOME, else below the user's own", () => {
  expect(homeFolder('/x', { VPD_HOME: '/y' })).toBe('/x')
  expect(homeFolder(undefined, { VPD_HOME: '/y' })).toBe('/y')
  expect(homeFolder(undefined, {})).toBe(path.join(os.homedir(), '.viewport', 'runner'))
})

test.each([
  ['https://Viewport.Example/', 'https://viewport.example'],
  ['https://viewport.example/base/', 'https://viewport.example/base'],
  ['http://127.0.0.1:7171', 'http://127.0.0.1:7171'],
  ['http://localhost:7171', 'http://localhost:7171'],
])('the address %s is %s', (text, address) => {
  expect(serverAddress(text)).toBe(address)
})

test.each([
  'viewport.example',
  'ftp://viewport.example',
  'https://me:x@viewport.example',
  'https://viewport.example/?x',
  'http://viewport.example',
])('%s is refused as an address', (text) => {
  expect(() => serverAddress(text)).toThrow(NoServer)
  if (text.startsWith('http:')) expect(serverAddress(text, true)).toBe(text)
})

test('a lock has one holder, is given back, and outlives nobody', async () => {
  const lock = await takeLock(home)
  expect(lock.held).toBeNull()
  expect((await takeLock(home)).held).toMatchObject({ pid: process.pid })
  if (lock.held === null) await lock.release()
  expect(await lockHolder(home)).toBeNull()

  const other = spawn(
    process.execPath,
    [
      '--input-type=module',
      '-e',
      `const { takeLock } = await import(${JSON.stringify(new URL('./lock.ts', import.meta.url).href)}); await takeLock(${JSON.stringify(home)}); console.log('held'); setInterval(() => {}, 1000)`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  await new Promise((resolve) => other.stdout.once('data', resolve))
  expect((await takeLock(home)).held).toMatchObject({ pid: other.pid })
  other.kill('SIGKILL')
  await new Promise((resolve) => other.once('exit', resolve))
  const after = await takeLock(home)
  expect(after.held).toBeNull()
  if (after.held === null) await after.release()
})

test('of many that find the same dead holder only one gets the lock', async () => {
  await writeFile(path.join(home, 'lock.7'), JSON.stringify({ pid: 999_999_999, started: '1', host: os.hostname() }))
  const all = await Promise.all(Array.from({ length: 20 }, () => takeLock(home)))
  expect(all.filter(({ held }) => held === null)).toHaveLength(1)
})

test('a process id that is used again by another program holds nothing', async () => {
  await writeFile(
    path.join(home, 'lock.1'),
    JSON.stringify({ pid: process.ppid, started: 'long ago', host: os.hostname() }),
  )
  expect(await lockHolder(home)).toBeNull()
})

test('a holder on another host counts while it touches its file', async () => {
  await writeFile(path.join(home, 'lock.1'), JSON.stringify({ pid: 1, started: '1', host: 'elsewhere' }))
  expect(await lockHolder(home)).toMatchObject({ host: 'elsewhere' })
})
