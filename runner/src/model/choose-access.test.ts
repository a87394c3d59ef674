/** Which way to a model is chosen from keys, logins and the policy? */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { keepKey } from '../credentials/model-keys.ts'
import { chooseAccess } from './choose-access.ts'
import type { ModelSetup } from './model-setup.ts'

let root: string
let setup: ModelSetup
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'vpd-access-'))
  setup = { home: path.join(root, 'home'), logins: [], prices: {}, env: {}, userHome: path.join(root, 'user') }
})
afterEach(() => rm(root, { recursive: true, force: true }))

const claude = { name: 'claude', speaks: ['anthropic'] }
const signIn = async (): Promise<string> => {
  const file = path.join(root, 'user', '.claude', '.credentials.json')
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, 'never read', { mode: 0o000 })
  return file
}

test('an agent that needs no model gets none, and no key is read for it', async () => {
  expect(await chooseAccess({ name: 'sample', speaks: [] }, setup)).toMatchObject({ way: 'none' })
})

test('it gets the keys of the providers it speaks to, and no others; what is kept comes before the environment', async () => {
  await keepKey(setup.home, 'anthropic', { key: 'kept-key-1', url: 'http://127.0.0.1:1' }, null)
  await keepKey(setup.home, 'local', { key: 'kept-key-2', url: 'http://127.0.0.1:2/v1/' }, null)
  setup = { ...setup, env: { ANTHROPIC_API_KEY: 'environment-key', OPENAI_API_KEY: 'openai-key' } }
  const anthropic = { name: 'anthropic', dialect: 'anthropic', base: 'http://127.0.0.1:1', key: 'kept-key-1' }
  const local = { name: 'local', dialect: 'openai', base: 'http://127.0.0.1:2/v1', key: 'kept-key-2' }
  const openai = { name: 'openai', dialect: 'openai', base: 'https://api.openai.com/v1', key: 'openai-key' }
  expect(await chooseAccess(claude, setup)).toEqual({ way: 'gateway', upstreams: [anthropic] })
  expect(await chooseAccess({ name: 'codex', speaks: ['openai'] }, setup)).toEqual({
    way: 'gateway',
    upstreams: [local, openai],
  })
  expect(await chooseAccess({ name: 'mine', speaks: ['local'] }, setup)).toEqual({ way: 'gateway', upstreams: [local] })
})

test('a login is used only when the policy names the agent, and is never opened', async () => {
  const file = await signIn()
  expect(await chooseAccess(claude, setup)).toMatchObject({
    way: 'none',
    why: expect.stringContaining('logins: [claude]'),
  })
  setup = { ...setup, env: { ANTHROPIC_API_KEY: 'environment-key' } }
  expect(await chooseAccess(claude, setup)).toMatchObject({ way: 'gateway' })
  expect(await chooseAccess(claude, { ...setup, logins: ['codex'] })).toMatchObject({ way: 'gateway' })
  expect(await chooseAccess(claude, { ...setup, logins: ['claude'] })).toMatchObject({ way: 'login', paths: [file] })
})

test.each([
  ['codex', '.codex/auth.json', 'openai'],
  ['gemini', '.gemini/oauth_creds.json', 'google'],
])('the login of %s is noticed where it lies, and used when the policy names it', async (name, at, provider) => {
  const file = path.join(root, 'user', at)
  await mkdir(path.dirname(file), { recursive: true })
  await writeFile(file, 'never read', { mode: 0o000 })
  const agent = { name, speaks: [provider] }
  const why = expect.stringContaining(`logins: [${name}]`) as string
  expect(await chooseAccess(agent, setup)).toMatchObject({ way: 'none', why })
  expect(await chooseAccess(agent, { ...setup, logins: [name] })).toEqual({ way: 'login', paths: [file] })
})

test.each([
  ['http://models.acme.example', 'http:// is used on this machine alone'],
  ['https://user:pass@models.acme.example', 'no user name'],
  ['ftp://models.acme.example', 'https://'],
])('a key for %s is not sent', async (url, why) => {
  setup = { ...setup, env: { ANTHROPIC_API_KEY: 'environment-key', ANTHROPIC_BASE_URL: url } }
  expect(await chooseAccess(claude, setup)).toMatchObject({ way: 'none', why: expect.stringContaining(why) })
})
