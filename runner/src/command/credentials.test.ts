/** Does `vpd credentials` keep, show and forget without ever showing a value? The real program. */
import { spawn } from 'node:child_process'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { createEmulator } from 'emulate'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readKeys, upstreamsOf } from '../credentials/model-keys.ts'
import { redactorFor } from '../egress/redact.ts'
import { knownSecrets } from '../egress/secrets.ts'
import { findProgram } from '../process/find-program.ts'
import { capabilitiesOf } from './capabilities.ts'
import { parsePolicy } from '../policy/policy.ts'

const program = fileURLToPath(new URL('../../bin/vpd.js', import.meta.url))
const key = 'sk-ant-0123456789-abcdef'
let home: string
beforeEach(async () => void (home = await mkdtemp(path.join(tmpdir(), 'vpd-credentials-'))))
afterEach(() => rm(home, { recursive: true, force: true }))

const vpd = (
  words: string[],
  input = '',
  env: Record<string, string> = {},
): Promise<{ code: number | null; out: string; err: string }> =>
  new Promise((done) => {
    const child = spawn(process.execPath, [program, 'credentials', ...words], {
      env: { PATH: process.env['PATH'], HOME: home, VPD_HOME: home, ...env },
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (part: Buffer) => (out += part.toString()))
    child.stderr.on('data', (part: Buffer) => (err += part.toString()))
    child.on('close', (code) => done({ code, out, err }))
    child.stdin.end(input)
  })

test('a key is kept from standard input, shown without its value, and forgotten', async () => {
  const kept = await vpd(['set', 'model', 'anthropic'], `${key}\n`)
  expect(kept).toMatchObject({ code: 0, out: expect.stringContaining('Kept in ') })
  const env = { OPENAI_API_KEY: 'sk-openai-9876543210' }
  const shown = await vpd([], '', env)
  expect(shown.out).toMatch(/model +anthropic +.*keys\.json/)
  expect(shown.out).toMatch(/model +openai +the environment \(OPENAI_API_KEY\)/)
  const json = await vpd(['list', '--json'], '', env)
  expect(JSON.parse(json.out)).toMatchObject({
    credentials: [
      { class: 'model', scope: 'anthropic', lastUsed: null, note: null },
      { class: 'model', scope: 'openai', source: 'the environment (OPENAI_API_KEY)' },
    ],
    logins: [],
  })
  for (const { out, err } of [kept, shown, json]) expect(out + err).not.toMatch(/0123456789|9876543210/)
  // What it keeps is kept out of everything that is written and sent.
  const secrets = await knownSecrets({ policy: parsePolicy('', 'x'), key: null, home, folder: home }, {})
  expect(redactorFor(secrets).text(`the key is ${key}.`)).toBe('the key is [redacted model-key-anthropic].')
  expect(await vpd(['remove', 'model', 'anthropic'])).toMatchObject({ code: 0 })
  expect((await vpd([])).out).toContain('No keys and no tokens')
})

test('a secret of a tool is kept by the variable it is handed over in, and shown with whom it is for', async () => {
  expect(await vpd(['set', 'tool', 'NPM_TOKEN'], `${key}\n`)).toMatchObject({ code: 0 })
  expect((await vpd([])).out).toMatch(/tool +NPM_TOKEN .*handed to nobody/)
  await writeFile(path.join(home, 'policy.yaml'), 'tools: { NPM_TOKEN: { checks: true, agents: [codex] } }\n')
  const { out } = await vpd([])
  expect(out).toMatch(/tool +NPM_TOKEN .*for checks, codex/)
  expect(out).not.toContain('0123456789')
  const secrets = await knownSecrets({ policy: parsePolicy('', 'x'), key: null, home, folder: home }, {})
  expect(redactorFor(secrets).text(`it is ${key}.`)).toBe('it is [redacted NPM_TOKEN].')
  for (const [name, why] of [
    ['PATH', 'changes what code runs'],
    ['NODE_OPTIONS', 'changes what code runs'],
    ['two words', 'name of an environment variable'],
  ] as const)
    expect(await vpd(['set', 'tool', name], key)).toMatchObject({ code: 2, err: expect.stringContaining(why) })
  expect(await vpd(['remove', 'tool', 'NPM_TOKEN'])).toMatchObject({ code: 0 })
  expect(await vpd(['remove', 'tool', 'NPM_TOKEN'])).toMatchObject({ code: 3 })
})

test('a credential of a tool is kept once the tool has said whose it is, and shown with where it goes and what for', async () => {
  const token = 'token-of-viewport'
  const hub = await createEmulator({
    service: 'github',
    port: 0,
    seed: {
      tokens: { [token]: { login: 'viewport-acme', scopes: ['repo'] } },
      github: { users: [{ login: 'viewport-acme' }] },
    },
  })
  try {
    const words = [
      'set',
      'provider',
      'github',
      '--url',
      hub.url,
      '--action',
      'github.comment',
      '--action',
      'github.label',
    ]
    const kept = await vpd(words, `${token}\n`)
    expect(kept).toMatchObject({ code: 0, out: expect.stringContaining('as viewport-acme') })
    const shown = await vpd([])
    expect(shown.out).toMatch(/provider +github +.*for github\.comment, github\.label; as viewport-acme/)
    const { credentials } = JSON.parse((await vpd(['list', '--json'])).out) as { credentials: object[] }
    expect(credentials).toMatchObject([{ class: 'provider', scope: 'github', url: hub.url, lastUsed: null }])
    for (const { out, err } of [kept, shown]) expect(out + err).not.toContain(token)
    expect((await stat(path.join(home, 'credentials/keys.json'))).mode & 0o777).toBe(0o600)
    const secrets = await knownSecrets({ policy: parsePolicy('', 'x'), key: null, home, folder: home }, {})
    expect(redactorFor(secrets).text(`it is ${token}.`)).toBe('it is [redacted github].')
    // What is told of it holds where it goes, and no secret; the policy narrows it.
    const setup = { home, slots: 1, mode: 'persistent', transport: 'polling' } as const
    const told = async (policy: string) => (await capabilitiesOf({ ...setup, policy: parsePolicy(policy, 'x') })).holds
    expect(await told('')).toMatchObject([
      {
        tool: 'github',
        connection: null,
        at: hub.url,
        actions: ['github.comment', 'github.label'],
        account: { name: 'viewport-acme' },
      },
    ])
    expect(await told('actions: [git.push, github.label]')).toMatchObject([{ actions: ['github.label'] }])
    expect(await told('actions: [git.push]')).toBeUndefined()
    const strict = http.createServer((_, response) => response.writeHead(401).end('{"message":"Bad credentials"}'))
    await new Promise<void>((ready) => strict.listen(0, '127.0.0.1', ready))
    const at = `http://127.0.0.1:${(strict.address() as AddressInfo).port}`
    const wrong = await vpd(['set', 'provider', 'github', '--url', at], 'another-token-0')
    strict.close()
    expect(wrong).toMatchObject({ code: 3, err: expect.stringContaining('GitHub does not accept it') })
    expect(wrong.err).not.toContain('another-token-0')
    expect(await vpd(['remove', 'provider', 'github'])).toMatchObject({ code: 0 })
    expect((await vpd([])).out).toContain('No keys and no tokens')
  } finally {
    await hub.close()
  }
})

test.each<[string[], string, RegExp]>([
  [['nothing'], key, /There are github, gitlab, slack/],
  [['github/a/b'], key, /TOOL\/CONNECTION/],
  [['webhook', '--url', 'https://ops.example/hook'], key, /webhook\/NAME/],
  [['webhook/ops', '--url', 'https://ops.example/hook'], key, /whsec_/],
  [['webhook/ops'], key, /Say it with --url/],
  [['jira', '--url', 'https://acme.atlassian.net'], key, /wants the email/],
  [['github', '--user', 'me'], key, /takes no --user/],
  [['github', '--url', 'http://ghe.acme.example/api/v3'], key, /http:\/\/ is used on this machine alone/],
  [['github', '--action', 'slack.message'], key, /slack\.message is no action of github/],
  [['github'], '-----BEGIN RSA PRIVATE KEY-----\nabc\n', /private key of an App/],
  [['github'], 'two words', /Nothing was kept/],
])('a credential of a tool that cannot be kept: %j', async (words, input, why) => {
  const said = await vpd(['set', 'provider', ...words], input)
  expect(said).toMatchObject({ code: 2, err: expect.stringMatching(why) })
  expect((await vpd([])).out).toContain('No keys and no tokens')
})

test('what is no key is not kept', async () => {
  for (const input of ['', '\n', 'short\n', 'two words here\n', `${key}\nX-Evil: 1\n`, `${key}\u0000`])
    expect(await vpd(['set', 'model', 'anthropic'], input)).toMatchObject({
      code: 2,
      err: expect.stringContaining('Nothing was kept'),
    })
  expect((await vpd([])).out).toContain('No keys and no tokens')
})

test('a key is not sent over a network in clear', async () => {
  const given = await vpd(['set', 'model', 'local', '--url', 'http://models.acme.example/v1'], key)
  expect(given).toMatchObject({ code: 2, err: expect.stringContaining('http:// is used on this machine alone') })
})

/** A terminal, for a program that asks whether there is one: Python has one to lend. Types when the prompt is there; what the terminal showed is its output. */
const terminal = `
import json, os, pty, sys
argv, env, keys = json.loads(sys.argv[1])
pid, fd = pty.fork()
if pid == 0:
    os.execvpe(argv[0], argv, env)
seen = b''
while True:
    try:
        part = os.read(fd, 4096)
    except OSError:
        break
    if not part:
        break
    seen += part
    if b'not shown' in seen and keys is not None:
        os.write(fd, keys.encode())
        keys = None
sys.stdout.write(seen.decode())
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
`
const python = findProgram('python3')
test.skipIf(python === null)(
  'what is typed is not shown; Ctrl-C keeps nothing (needs python3 for a terminal)',
  async () => {
    const type = (keys: string): Promise<{ code: number | null; out: string }> =>
      new Promise((done) => {
        const env = { PATH: process.env['PATH'], HOME: home, VPD_HOME: home, TERM: 'xterm' }
        const argv = [process.execPath, program, 'credentials', 'set', 'model', 'anthropic']
        const child = spawn(python!, ['-c', terminal, JSON.stringify([argv, env, keys])], {
          stdio: ['ignore', 'pipe', 'inherit'],
        })
        let out = ''
        child.stdout.on('data', (part: Buffer) => (out += part.toString()))
        child.on('close', (code) => done({ code, out }))
      })
    const stopped = await type('sk-ant-half\u0003')
    expect(stopped).toMatchObject({ code: 130, out: expect.stringContaining('Nothing was kept') })
    expect(stopped.out).not.toContain('half')
    const kept = await type(`sk-ant-X\u007f${key.slice(7)}\r`)
    expect(kept).toMatchObject({ code: 0, out: expect.stringContaining('Kept in ') })
    expect(kept.out).not.toMatch(/sk-ant|0123/)
    expect(upstreamsOf(await readKeys(home, {}, null))).toMatchObject([{ key }])
  },
)
