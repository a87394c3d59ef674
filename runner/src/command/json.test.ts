/** Does every command of `vpd` say exactly one JSON value with --json when it ends badly? The real program. */
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, test } from 'vitest'
import { exitCodes } from './exit.ts'

const program = fileURLToPath(new URL('../../bin/vpd.js', import.meta.url))
const folder = mkdtempSync(path.join(tmpdir(), 'vpd-json-'))
const badPolicy = path.join(folder, 'bad')
mkdirSync(badPolicy)
writeFileSync(path.join(badPolicy, 'policy.yaml'), 'agent: [claude]\n')
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const vpd = (...words: string[]): Promise<{ code: number; value: Record<string, unknown> }> =>
  new Promise((resolve, reject) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder, VPD_HOME: path.join(folder, 'home') }
    const child = execFile(process.execPath, [program, ...words, '--json'], { env }, (_, out) => {
      try {
        resolve({ code: child.exitCode ?? -1, value: JSON.parse(out) as Record<string, unknown> })
      } catch (cause) {
        reject(new Error(`vpd ${words.join(' ')} --json said ${JSON.stringify(out)}`, { cause }))
      }
    })
  })

const commands = [
  'pair',
  'worker start',
  'status',
  'doctor',
  'look',
  'network list',
  'network allow',
  'drain',
  'logs',
  'config',
  'egress',
  'credentials',
  'audit verify',
  'service install',
  'service uninstall',
  'service status',
  'unpair',
]

test('these are all commands', async () => {
  const { value } = await vpd('--help')
  const names = [...String(value['help']).matchAll(/^ {2}([a-z]+)(?: \[| <|\s{2,})/gm)].map(([, name]) => name)
  expect(names).toEqual([...new Set(commands.map((command) => command.split(' ')[0])), 'help'])
})

test.each<[string[], keyof typeof exitCodes]>([
  [['pair'], 'usage'],
  [['pair', '--worker', '--transport', 'pigeon'], 'usage'],
  [['pair', '--worker', '--server', 'http://viewport.example'], 'noServer'],
  [['worker'], 'usage'],
  [['worker', 'start'], 'noServer'],
  [['worker', 'start', '--slots', '0'], 'usage'],
  [['drain'], 'noServer'],
  [['logs'], 'noServer'],
  [['logs', 'run_1'], 'noServer'],
  [['egress'], 'noServer'],
  [['unpair', '--yes'], 'noServer'],
  [['credentials', 'set', 'model', 'nowhere'], 'usage'],
  [['credentials', 'set', 'tool', 'PATH'], 'usage'],
  [['credentials', 'remove', 'model', 'anthropic'], 'refused'],
  [['credentials', 'set', 'checkout', 'https://git.acme.example/'], 'noServer'],
  [['config', '--home', badPolicy], 'refused'],
  [['look', path.join(folder, 'nowhere')], 'refused'],
  [['look', path.join(badPolicy, 'policy.yaml')], 'refused'],
  [['look', folder], 'refused'],
  [['network', 'list', '--home', badPolicy], 'refused'],
  [['network', 'allow'], 'usage'],
  [['network', 'allow', 'https://npm.acme.example/'], 'usage'],
  [['network', 'allow', 'registries', '--only', 'reviewers'], 'usage'],
  [['network', 'allow', 'registries', '--home', badPolicy], 'refused'],
  [['service', 'install', '--system'], 'usage'],
  [['service', 'install', '--print'], 'noServer'],
  [['service', 'status', '--no-such-option'], 'usage'],
  [['service', 'uninstall', '--no-such-option'], 'usage'],
  [['stats'], 'usage'],
  [[], 'usage'],
  [['status', '--no-such-option'], 'usage'],
  [['doctor', '--no-such-option'], 'usage'],
  [['config', 'policy'], 'usage'],
  [['audit', 'verify', '--no-such-option'], 'usage'],
])('vpd %j: %s', async (words, end) => {
  expect(await vpd(...words)).toMatchObject({
    code: exitCodes[end],
    value: { event: 'error', code: exitCodes[end], message: expect.stringMatching(/^[^\n]/) },
  })
})

// These say what they found as their value; the exit code says whether that is good.
test.each<[string[], number, object]>([
  [['status'], exitCodes.noServer, { runners: [] }],
  [['doctor'], exitCodes.unhealthy, { healthy: false }],
  [['config'], exitCodes.done, { pairings: [] }],
  [['network'], exitCodes.done, { network: { checks: [], agents: [], near: [] } }],
  [
    ['network', 'allow', 'registries', '127.0.0.2:4873'],
    exitCodes.done,
    { written: true, running: [], network: { agents: ['registries', '127.0.0.2:4873'], near: ['127.0.0.2:4873'] } },
  ],
  [['network', 'allow', 'registries', '--only', 'checks'], exitCodes.done, { written: false }],
  [['credentials'], exitCodes.done, { credentials: [], logins: [] }],
  [['audit', 'verify', path.join(folder, 'none.zip')], 2, { outcome: 'unusable', exit: 2 }],
  [['status', '--help'], exitCodes.done, { help: expect.stringMatching(/^Usage: vpd status/) }],
  [['--version'], exitCodes.done, { version: expect.any(String) }],
])('vpd %j finds', async (words, code, value) => {
  expect(await vpd(...words)).toMatchObject({ code, value })
})
