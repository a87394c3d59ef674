import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { movedWords, portOfLastTime, rememberPort } from './last-port.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'viewport-port-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the port of last time is known until something else stands in the file', () => {
  expect(portOfLastTime(folder)).toBe(null)
  rememberPort(folder, 7_171)
  expect(portOfLastTime(folder)).toBe(7_171)
  writeFileSync(path.join(folder, 'port'), 'seven\n')
  expect(portOfLastTime(folder)).toBe(null)
})

test('a move is told with both ports, no move is not', () => {
  expect(movedWords(null, 7_171)).toBe(null)
  expect(movedWords(7_171, 7_171)).toBe(null)
  expect(movedWords(7_171, 7_172)).toMatch(/^Last time it was on port 7171\. .* on 7172\. .*--port 7171 brings/)
})
