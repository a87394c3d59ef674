import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { ensurePrivateFolder } from './data-folder.ts'

let root: string
beforeEach(() => {
  root = mkdtempSync(path.join(os.tmpdir(), 'viewport-data-'))
})
afterEach(() => rmSync(root, { recursive: true, force: true }))

test('a new data folder cannot be looked into by others', () => {
  const folder = path.join(root, 'a/b')
  ensurePrivateFolder(folder)
  expect(statSync(folder).mode & 0o066).toBe(0)
  ensurePrivateFolder(folder)
})

test.each([0o777, 0o1777, 0o775, 0o722])(
  'one that others may write into (%o) is refused, also behind a link: a key of theirs could lie in it',
  (mode) => {
    const folder = path.join(root, 'open')
    ensurePrivateFolder(folder)
    chmodSync(folder, mode)
    symlinkSync(folder, path.join(root, 'link'))
    expect(() => ensurePrivateFolder(folder)).toThrow('chmod go-w')
    expect(() => ensurePrivateFolder(path.join(root, 'link'))).toThrow('Other users may write')
  },
)

test('one that cannot be made is told with the reason and what to do', () => {
  writeFileSync(path.join(root, 'file'), '')
  expect(() => ensurePrivateFolder(path.join(root, 'file'))).toThrow(/cannot be used: it is a file\. .*--data/)
  expect(() => ensurePrivateFolder(path.join(root, 'file/data'))).toThrow('a part of its path is a file')
})
