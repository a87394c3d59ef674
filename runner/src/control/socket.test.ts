import { chmod, mkdir, mkdtemp, readdir, rm, stat, symlink } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { askControl, openControl } from './socket.ts'

let root: string
const before = process.env['TMPDIR']
beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'vpd-socket-'))
  process.env['TMPDIR'] = path.join(root, 'tmp')
  await mkdir(process.env['TMPDIR'], { mode: 0o777 })
})
afterEach(async () => {
  if (before === undefined) delete process.env['TMPDIR']
  else process.env['TMPDIR'] = before
  await rm(root, { recursive: true, force: true })
})

const control = { status: () => ({ here: true }), drain: () => {} }
const longHome = () => path.join(root, 'h'.repeat(120))
/** Where the socket of a long home goes: found by opening it once. */
const place = async (): Promise<string> => {
  const close = await openControl(longHome(), control)
  const [name] = await readdir(path.join(root, 'tmp'))
  await close()
  return path.join(root, 'tmp', name!)
}

test('the socket of a home with a long path lies in a folder for its user alone', async () => {
  const folder = await place()
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  const close = await openControl(longHome(), control)
  expect(await askControl(longHome(), 'GET', '/status')).toEqual({ here: true })
  await close()
})

test('a link or an open folder that somebody put there first is refused, and what a link leads to is left as it is', async () => {
  const folder = await place()
  await rm(folder, { recursive: true })
  const elsewhere = path.join(root, 'elsewhere')
  await mkdir(elsewhere)
  await chmod(elsewhere, 0o755)
  await symlink(elsewhere, folder)
  await expect(openControl(longHome(), control)).rejects.toThrow('is not a folder that this user alone can enter')
  expect((await stat(elsewhere)).mode & 0o777).toBe(0o755)
  await rm(folder)
  await mkdir(folder)
  await chmod(folder, 0o777)
  await expect(openControl(longHome(), control)).rejects.toThrow('is not a folder that this user alone can enter')
})
