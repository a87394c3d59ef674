/** Is what an agent may have put into its state folder not followed, waited for or believed? */
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { z } from 'zod'
import { readKept, readPlainFile, writeKept } from './kept-state.ts'

let root = ''
let state = ''
const form = z.strictObject({ a: z.int() })
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'vpd-kept-'))
  state = path.join(root, 'state')
  await mkdir(state)
})
afterEach(() => rm(root, { recursive: true }))

it('reads what was kept, and nothing that is not of its form', async () => {
  expect(await readKept(state, 'x', form)).toBe(null)
  await writeKept(state, 'x', { a: 1 })
  expect(await readKept(state, 'x', form)).toEqual({ a: 1 })
  for (const text of ['{"a":1,"b":2}', '{"a":', '', '[]']) {
    await writeFile(path.join(state, 'x'), text)
    expect(await readKept(state, 'x', form)).toBe(null)
  }
})
it('does not follow a link, nor wait for a pipe, nor read what is too long', async () => {
  await writeFile(path.join(root, 'secret'), '{"a":7}')
  await symlink('../secret', path.join(state, 'link'))
  execFileSync('mkfifo', [path.join(state, 'pipe')])
  await mkdir(path.join(state, 'folder'))
  await writeFile(path.join(state, 'long'), '{"a":1}')
  for (const name of ['link', 'pipe', 'folder']) expect(await readKept(state, name, form)).toBe(null)
  expect(await readPlainFile(path.join(state, 'long'), 3)).toBe(null)
})
it('writes in the place of a link, never through it', async () => {
  await writeFile(path.join(root, 'bait'), 'untouched')
  await symlink('../bait', path.join(state, 'x'))
  await writeKept(state, 'x', { a: 1 })
  expect(await readFile(path.join(root, 'bait'), 'utf8')).toBe('untouched')
  expect(await readKept(state, 'x', form)).toEqual({ a: 1 })
})
it('neither reads nor writes in a folder that was replaced by a link', async () => {
  await writeKept(state, 'x', { a: 1 })
  await rename(state, path.join(root, 'other'))
  await symlink('other', state)
  expect(await readKept(state, 'x', form)).toBe(null)
  await expect(writeKept(state, 'x', { a: 2 })).rejects.toThrow(/state_replaced/)
  expect(await readFile(path.join(root, 'other', 'x'), 'utf8')).toBe('{"a":1}')
})
