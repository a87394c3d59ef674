/** Is a login lent without being read, and does what the agent renewed come back? */
import { link, mkdir, mkdtemp, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { lendLogin } from './lend-login.ts'

let root: string
let own: string
let lent: string
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'vpd-login-'))
  own = path.join(root, 'own.json')
  lent = path.join(root, 'step', 'lent.json')
  await mkdir(path.dirname(lent))
  await writeFile(own, 'first', { mode: 0o600 })
})
afterEach(() => rm(root, { recursive: true, force: true }))
const isThere = (file: string): Promise<boolean> =>
  stat(file).then(
    () => true,
    () => false,
  )

test('it is there under its other name, and gone afterwards', async () => {
  const login = await lendLogin(own, lent)
  expect(await readFile(lent, 'utf8')).toBe('first')
  await login.takeBack()
  expect(await isThere(lent)).toBe(false)
  expect(await readFile(own, 'utf8')).toBe('first')
})

test.each([
  ['written in its place', () => writeFile(lent, 'renewed')],
  [
    'put there as a new file',
    async () => {
      await writeFile(`${lent}.new`, 'renewed', { mode: 0o644 })
      await rename(`${lent}.new`, lent)
    },
  ],
])('a login that was renewed, %s, is the owner’s', async (_, renew) => {
  const login = await lendLogin(own, lent)
  await renew()
  await login.takeBack()
  expect(await readFile(own, 'utf8')).toBe('renewed')
  expect((await stat(own)).mode & 0o777).toBe(0o600)
  expect(await isThere(lent)).toBe(false)
})

test.each<[string, () => Promise<unknown>]>([
  ['a link', () => symlink('/etc/passwd', lent)],
  ['a folder', () => mkdir(lent)],
  ['nothing', () => writeFile(lent, '')],
  ['far too much', () => writeFile(lent, Buffer.alloc(100_000))],
  [
    'a file that has another name too',
    async () => {
      await writeFile(`${lent}.other`, 'x')
      await link(`${lent}.other`, lent)
    },
  ],
])('%s in its place does not come back', async (_, put) => {
  const login = await lendLogin(own, lent)
  await rm(lent)
  await put()
  await login.takeBack()
  expect(await readFile(own, 'utf8')).toBe('first')
})

test('who signs out in there signs nobody out', async () => {
  const login = await lendLogin(own, lent)
  await rm(lent)
  await login.takeBack()
  expect(await readFile(own, 'utf8')).toBe('first')
})

test('a link in place of the folder it was lent in leads to no file of the owner’s', async () => {
  const login = await lendLogin(own, path.join(root, 'step', 'own.json'))
  await rename(path.join(root, 'step'), path.join(root, 'moved'))
  await symlink(root, path.join(root, 'step')) // its `own.json` is the owner's own now
  await login.takeBack()
  expect(await readFile(own, 'utf8')).toBe('first')
})
