import { chmod, mkdir, mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { allowHosts, withHosts, type Allow } from './allow-hosts.ts'
import { parsePolicy } from './policy.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'vpd-allow-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

const both = (hosts: string[], near: string[] = []): Allow => ({ hosts, near, for: ['checks', 'agents'] })
const added = (text: string, allow = both(['registries'])) => {
  const after = withHosts(text, 'p', allow)
  return { after, network: parsePolicy(after, 'p').network }
}

test('what stood there stays as it is, its comments too', () => {
  const mine = '# Mine.\nagents: [claude]   # nobody else\n\nlabels:\n  - gpu\n'
  expect(added(mine).after).toBe(`${mine}network:\n  checks: [registries]\n  agents: [registries]\n`)
  expect(added('').network).toEqual({ checks: ['registries'], agents: ['registries'], near: [] })
  expect(added('# Nothing yet.').after).toBe(
    '# Nothing yet.\nnetwork:\n  checks: [registries]\n  agents: [registries]\n',
  )
  expect(added('{ agents: [claude] }').network).toMatchObject({ checks: ['registries'] })
  expect(added('network: { checks: [a.example] } # by hand\n').after).toContain('# by hand')
})

test.each([
  ['network: { checks: [a.example] }', ['a.example', 'registries'], ['registries']],
  ['network:\n  checks:\n    - a.example # ours\n', ['a.example', 'registries'], ['registries']],
  ['network: { checks: open }', 'open', ['registries']],
  ['network: { agents: [registries] }', ['registries'], ['registries']],
  ['network:', ['registries'], ['registries']],
  ['network: {}', ['registries'], ['registries']],
])('%j is added to', (text, checks, agents) => {
  if (text !== 'network:') return expect(added(text).network).toMatchObject({ checks, agents })
  expect(() => added(text)).toThrow('network') // it does not hold as it is
})

test('near hosts are named as such, and checks alone can be meant', () => {
  const allow = { ...both(['127.0.0.2:4873', 'registries'], ['127.0.0.2:4873']), for: ['checks' as const] }
  expect(added('', allow).network).toEqual({
    checks: ['127.0.0.2:4873', 'registries'],
    agents: [],
    near: ['127.0.0.2:4873'],
  })
})

test('a policy that does not hold is not written over, nor one that is written by an alias', () => {
  expect(() => added('agent: [claude]\n')).toThrow('agent is not a key')
  expect(() => added('network: { checks: &x [a.example], agents: *x }\n')).not.toThrow()
  expect(() => added('agents: [claude\n')).toThrow()
  expect(() => added('', both(['https://a.example/']))).toThrow('a host is written name')
})

test('the file keeps its mode, a link its target; nothing is written when all is allowed', async () => {
  const file = path.join(folder, 'policy.yaml')
  expect(await allowHosts(file, both(['registries']))).toBe(true)
  expect((await stat(file)).mode & 0o777).toBe(0o600)
  await chmod(file, 0o640)
  expect(await allowHosts(file, both(['a.example']))).toBe(true)
  expect((await stat(file)).mode & 0o777).toBe(0o640)
  const before = await stat(file, { bigint: true })
  expect(await allowHosts(file, both(['registries', 'a.example']))).toBe(false)
  expect((await stat(file, { bigint: true })).mtimeNs).toBe(before.mtimeNs)
  await mkdir(path.join(folder, 'linked'))
  const link = path.join(folder, 'linked', 'policy.yaml')
  await symlink(file, link)
  expect(await allowHosts(link, both(['b.example']))).toBe(true)
  expect(await readFile(file, 'utf8')).toContain('b.example')
  await writeFile(file, 'agent: x\n')
  await expect(allowHosts(file, both(['registries']))).rejects.toThrow('agent is not a key')
  expect(await readFile(file, 'utf8')).toBe('agent: x\n')
})
