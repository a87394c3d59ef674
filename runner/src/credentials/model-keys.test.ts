/** Are keys kept where only their owner can read them, and given back? Real files, and the programs of the two keychains as they behave. */
import { chmod, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { listCredentials } from './list.ts'
import { keychainOf, works } from './keychain.ts'
import { noteUse } from './last-used.ts'
import { forgetKey, keepKey, KeysUnusable, readKeys, upstreamsOf } from './model-keys.ts'

let root: string
let home: string
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'vpd-keys-'))
  home = path.join(root, 'home')
})
afterEach(() => rm(root, { recursive: true, force: true }))

const key = 'sk-ant-0123456789-abcdef'
const file = (): string => path.join(home, 'credentials', 'keys.json')

describe('without a keychain', () => {
  test('a key lies in a private file in a private folder, and is read back', async () => {
    expect(await keepKey(home, 'anthropic', { key, url: null }, null)).toBe(file())
    expect((await stat(file())).mode & 0o777).toBe(0o600)
    expect((await stat(path.dirname(file()))).mode & 0o777).toBe(0o700)
    expect((await readdir(path.dirname(file()))).toSorted()).toEqual(['keys.json']) // nothing is left beside it
    expect(upstreamsOf(await readKeys(home, {}, null))).toEqual([
      { name: 'anthropic', dialect: 'anthropic', base: 'https://api.anthropic.com', key },
    ])
  })

  test('the list shows everything but the value', async () => {
    await keepKey(home, 'anthropic', { key, url: null }, null)
    await keepKey(home, 'local', { key: 'other-key-1', url: 'http://127.0.0.1:9/v1' }, null)
    await noteUse(home, 'model', 'local')
    const folder = path.join(home, 'runners', 'rnr_1')
    await mkdir(folder, { recursive: true })
    const tokens = { 'https://git.acme.example/': { checkout: { username: 'vpd', token: 'secret-token' } } }
    await writeFile(path.join(folder, 'credentials.json'), JSON.stringify(tokens), { mode: 0o600 })
    const all = await listCredentials(home, [folder], {})
    expect(all.map(({ class: kind, scope, lastUsed }) => [kind, scope, lastUsed !== null])).toEqual([
      ['model', 'anthropic', false],
      ['model', 'local', true],
      ['checkout', 'https://git.acme.example/', false],
    ])
    expect(JSON.stringify(all)).not.toMatch(/sk-ant|other-key|secret-token/)
  })

  test('a file that others may read is not used, and neither is one that is not as it should be', async () => {
    await keepKey(home, 'anthropic', { key, url: null }, null)
    await chmod(file(), 0o640)
    await expect(readKeys(home, {}, null)).rejects.toThrow(KeysUnusable)
    await chmod(file(), 0o600)
    await writeFile(file(), JSON.stringify({ v: 1, model: { anthropic: { key, set: 'x', more: 1 } } }))
    const refused = await readKeys(home, {}, null).catch((error: unknown) => String(error))
    expect(refused).toContain('set the keys again')
    expect(refused).not.toContain(key)
  })

  test('it is forgotten, once', async () => {
    await keepKey(home, 'anthropic', { key, url: null }, null)
    expect(await forgetKey(home, 'anthropic', null)).toBe(true)
    expect(await forgetKey(home, 'anthropic', null)).toBe(false)
    expect(await forgetKey(home, 'constructor', null)).toBe(false)
    expect(await readFile(file(), 'utf8')).not.toContain(key)
  })
})

/** A program in place of the system's own, which answers as that does: values in files, named by the account. */
const standIn = async (name: string, script: string): Promise<NodeJS.ProcessEnv> => {
  const bin = path.join(root, 'bin')
  await mkdir(path.join(root, 'ring'), { recursive: true })
  await mkdir(bin, { recursive: true })
  await writeFile(
    path.join(bin, name),
    `#!/bin/sh\nring='${path.join(root, 'ring')}'\nargs='${path.join(root, 'args')}'\necho "$@" >> "$args"\n${script}`,
    { mode: 0o755 },
  )
  return { PATH: `${bin}:${process.env['PATH'] ?? ''}`, DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere' }
}
// secret-tool(1): store and lookup and clear by attributes; lookup of nothing ends with 1 and no word.
const secretTool = `
verb="$1"; shift
for last; do :; done
name=$(printf '%s' "$last" | od -An -tx1 | tr -d ' \\n')
case "$verb" in
  store) cat > "$ring/$name" ;;
  lookup) [ -f "$ring/$name" ] || exit 1; cat "$ring/$name" ;;
  clear) rm -f "$ring/$name" ;;
esac
`

describe('with a keyring', () => {
  test('the value goes there over standard input, and no file of vpd holds it', async () => {
    const env = await standIn('secret-tool', secretTool)
    const ring = keychainOf(env, 'linux')!
    expect(await works(ring)).toBe(true)
    expect(await keepKey(home, 'anthropic', { key, url: null }, ring)).toBe("the desktop's keyring")
    expect(await readFile(file(), 'utf8')).not.toContain(key)
    expect(await readFile(path.join(root, 'args'), 'utf8')).not.toContain(key)
    expect(upstreamsOf(await readKeys(home, {}, ring))).toMatchObject([{ name: 'anthropic', key }])
    // Another home has its own.
    await keepKey(path.join(root, 'other'), 'anthropic', { key: 'another-key-1', url: null }, ring)
    expect(upstreamsOf(await readKeys(home, {}, ring))).toMatchObject([{ key }])
    expect(await forgetKey(home, 'anthropic', ring)).toBe(true)
    expect(await readKeys(home, {}, ring)).toEqual([])
    expect(await readdir(path.join(root, 'ring'))).toHaveLength(1)
  })

  test('one that does not keep what it is given is not used', async () => {
    for (const script of ['exit 0', 'echo "cannot autolaunch D-Bus" >&2; exit 1', 'cat >/dev/null; exit 0']) {
      const ring = keychainOf(await standIn('secret-tool', script), 'linux')!
      expect(await works(ring)).toBe(false)
      expect(await keepKey(home, 'anthropic', { key, url: null }, ring)).toBe(file())
    }
  })

  test('when it cannot be reached later the key is named, with what to do', async () => {
    const ring = keychainOf(await standIn('secret-tool', secretTool), 'linux')!
    await keepKey(home, 'anthropic', { key, url: null }, ring)
    expect(await readKeys(home, {}, null)).toMatchObject([
      { upstream: null, why: expect.stringContaining('set it again') },
    ])
    const broken = keychainOf(await standIn('secret-tool', 'echo locked >&2; exit 1'), 'linux')!
    expect(await readKeys(home, {}, broken)).toMatchObject([{ upstream: null, why: expect.stringContaining('locked') }])
  })

  test('there is none without a desktop', async () => {
    const env = await standIn('secret-tool', secretTool)
    expect(keychainOf({ PATH: env['PATH'] }, 'linux')).toBe(null)
    expect(keychainOf(env, 'win32')).toBe(null)
  })
})

test('the environment is a source that is named, and comes after what is kept', async () => {
  const env = {
    ANTHROPIC_API_KEY: 'environment-key',
    ANTHROPIC_BASE_URL: 'https://models.acme.example/',
    GEMINI_API_KEY: 'short',
  }
  expect(await readKeys(home, env, null)).toMatchObject([
    {
      name: 'anthropic',
      source: 'the environment (ANTHROPIC_API_KEY, ANTHROPIC_BASE_URL)',
      upstream: { base: 'https://models.acme.example', key: 'environment-key' },
    },
    { name: 'google', upstream: null, why: expect.stringContaining('no key') },
  ])
  await keepKey(home, 'anthropic', { key, url: null }, null)
  expect(upstreamsOf(await readKeys(home, env, null))).toMatchObject([{ key, base: 'https://api.anthropic.com' }])
})
