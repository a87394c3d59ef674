import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { Capabilities } from '@viewportai/core/wire/messages'
import { detectCapabilities } from './detect.ts'

let root = ''
let before = ''
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'vpd-detect-test-'))
  before = process.env['PATH'] ?? ''
  process.env['PATH'] = `${path.join(root, 'bin')}:${before}`
})
afterEach(async () => {
  process.env['PATH'] = before
  await rm(root, { recursive: true, force: true })
})
const program = async (name: string, script: string) => {
  await mkdir(path.join(root, 'bin'), { recursive: true })
  await writeFile(path.join(root, 'bin', name), `#!/bin/sh\n${script}\n`)
  await chmod(path.join(root, 'bin', name), 0o755)
}
const detect = () =>
  detectCapabilities({
    home: root,
    passEnvironment: [],
    commands: { mine: { argv: ['mine'], promptAs: 'stdin', modes: ['plan'] } },
  })

it('lists agents and tools with their versions; agents without a model are found, not used', async () => {
  await program('claude', 'echo "2.1.330 (Claude Code)"')
  await program('codex', 'echo "codex-cli 0.169.0"')
  await program('mine', 'exit 9')
  const found = await detect()
  expect(found.agents).toEqual([
    {
      name: 'sample',
      version: expect.any(String) as string,
      path: null,
      usable: true,
      tested: true,
      modes: ['plan', 'read', 'edit', 'review'],
      note: expect.any(String) as string,
    },
    {
      name: 'claude',
      version: '2.1.330',
      path: path.join(root, 'bin', 'claude'),
      usable: false,
      tested: true,
      modes: ['plan', 'read', 'edit', 'review'],
      note: 'found, not used: no keys of models are set on this runner',
    },
    {
      name: 'codex',
      version: '0.169.0',
      path: path.join(root, 'bin', 'codex'),
      usable: false,
      tested: true,
      modes: ['plan', 'read', 'edit', 'review'],
      note: 'found, not used: no keys of models are set on this runner',
    },
    {
      name: 'mine',
      version: null,
      path: path.join(root, 'bin', 'mine'),
      usable: true,
      tested: false,
      modes: ['plan'],
      note: 'a configured command',
    },
  ])
  expect(found.tools.find((tool) => tool.name === 'git')?.version).toMatch(/^\d+\.\d+/)
  const rest = {
    vpd: '1',
    os: 'x',
    arch: 'x',
    host: 'x',
    slots: 1,
    labels: [],
    mode: 'persistent',
    transport: 'polling',
  }
  expect(() => Capabilities.parse({ ...rest, ...found })).not.toThrow()
})

it('gives a program neither secrets nor much time, and a broken one is only unknown', async () => {
  process.env['VPD_TEST_SECRET'] = '7.7.7'
  await program('claude', 'echo "${VPD_TEST_SECRET:-1.2.3}"; echo > "$HOME/written"')
  await program('codex', 'setsid sleep 1000 & sleep 1000')
  const began = Date.now()
  const { agents } = await detect()
  delete process.env['VPD_TEST_SECRET']
  expect(agents.find((agent) => agent.name === 'claude')?.version).toBe('1.2.3')
  expect(agents.find((agent) => agent.name === 'codex')?.version).toBe(null)
  expect(agents.find((agent) => agent.name === 'mine')).toMatchObject({ usable: false, path: null })
  expect(Date.now() - began).toBeLessThan(10_000)
})

it('takes an agent for usable when there is a key for its model, and for no other reason', async () => {
  await program('claude', 'echo "2.1.331 (Claude Code)"')
  const userHome = path.join(root, 'user')
  await mkdir(path.join(userHome, '.claude'), { recursive: true })
  await writeFile(path.join(userHome, '.claude/.credentials.json'), '{}')
  const claude = async (env: Record<string, string>, logins: string[] = []) =>
    (
      await detectCapabilities({
        home: root,
        passEnvironment: [],
        commands: {},
        model: { home: root, logins, prices: {}, env, userHome },
      })
    ).agents.find((agent) => agent.name === 'claude')
  expect(await claude({ ANTHROPIC_API_KEY: 'sk-ant-some-key-0123456789' })).toMatchObject({
    usable: true,
    tested: false,
    note: 'not tested with this version of vpd, which knows 2.1.330',
  })
  expect(await claude({ OPENAI_API_KEY: 'sk-some-key-0123456789' })).toMatchObject({
    usable: false,
    note: expect.stringContaining('vpd credentials set model anthropic') as string,
  })
  expect(await claude({}, ['claude'])).toMatchObject({
    usable: true,
    note: expect.stringContaining('with a login of its owner') as string,
  })
})
