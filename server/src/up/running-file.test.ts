import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync, existsSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { readRunning, runningFile, writeRunning } from './running-file.ts'

let home: string
beforeEach(() => void (home = mkdtempSync(path.join(os.tmpdir(), 'viewport-running-'))))
afterEach(() => rmSync(home, { recursive: true }))

const about = { url: 'http://127.0.0.1:7171', dataFolder: '/srv/viewport', startedAt: 1, version: '0.1.0' }

test('what runs says so, to its user alone, until it ends', () => {
  const file = runningFile(home)
  expect(readRunning(file)).toBe(null)
  const end = writeRunning(about, file)
  expect(readRunning(file)).toMatchObject({ ...about, pid: process.pid })
  expect(statSync(file).mode & 0o077).toBe(0)
  end()
  expect(existsSync(file)).toBe(false)
})

test('what a killed one left is not believed, nor a file that is half written', () => {
  const file = runningFile(home)
  writeRunning(about, file)
  const left = JSON.parse(readFileSync(file, 'utf8')) as object
  writeFileSync(file, JSON.stringify({ ...left, birth: 'long ago' })) // the same number, another process
  expect(readRunning(file)).toBe(null)
  writeFileSync(file, JSON.stringify(left).slice(0, 20))
  expect(readRunning(file)).toBe(null)
})

test('the word of a later one is not taken back by an earlier one', () => {
  const file = runningFile(home)
  const end = writeRunning(about, file)
  const later = JSON.stringify({ ...(JSON.parse(readFileSync(file, 'utf8')) as object), pid: process.ppid })
  writeFileSync(file, later)
  end()
  expect(readFileSync(file, 'utf8')).toBe(later)
})
