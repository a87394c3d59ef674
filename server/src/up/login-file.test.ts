import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { loginFile, readLogin, removeLogin, writeLogin } from './login-file.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'viewport-login-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const login = { url: 'http://localhost:7171', token: 'vpt_x', handle: 'sam', workspace: 'ws_1' }

test('the token is there for its owner alone, also over a file that was open before, and goes at the end', () => {
  writeFileSync(loginFile(folder), '{}', { mode: 0o666 })
  chmodSync(loginFile(folder), 0o666)
  writeLogin(folder, login)
  expect(statSync(loginFile(folder)).mode & 0o777).toBe(0o600)
  expect(readLogin(folder)).toEqual(login)
  removeLogin(folder)
  expect(readLogin(folder)).toBeNull()
})

test.each([0o640, 0o604, 0o620])('one that others can reach (%o) is not used', (mode) => {
  writeLogin(folder, login)
  chmodSync(loginFile(folder), mode)
  expect(readLogin(folder)).toBeNull()
})

test.each(['', '{', 'null', '{"token":"vpt_x"}', '[]'])('%j is no login', (text) => {
  writeFileSync(loginFile(folder), text, { mode: 0o600 })
  expect(readLogin(folder)).toBeNull()
})
