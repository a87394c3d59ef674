import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import { afterEach, describe, expect, test } from 'vitest'

import { architecture } from './architecture-stage.ts'
import { breaches } from './architecture.ts'

const PROJECT = join(import.meta.dirname, '..')
const MANIFESTS = ['package.json', 'server/package.json', 'runner/package.json', 'web/package.json']

const folders: string[] = []
afterEach(() => folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true })))

/** A project with this project's own table and manifests, and these files: what does the check say of it? */
function breachesOf(files: Record<string, string>): string[] {
  const root = mkdtempSync(join(tmpdir(), 'viewport-architecture-'))
  folders.push(root)
  const own = ['docs/architecture.md', ...MANIFESTS].map((path) => [path, readFileSync(join(PROJECT, path), 'utf8')])
  for (const [path = '', text = ''] of [...own, ...Object.entries(files)]) {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  return breaches(root)
}

const CLEAN = {
  'core/src/run/state.ts': `import { z } from 'zod'\nexport const state = z.string()\nexport const at = new Date(0)`,
  'core/src/run/state.test.ts': `import { test } from 'vitest'\nimport { readFileSync } from 'node:fs'\nimport { state } from './state.ts'\ntest('x', () => void [state, readFileSync, Date.now(), process.env])`,
  'server/src/ledger.ts': `import { state } from '@viewportai/core/run/state'\nimport { join } from 'node:path'\nimport type { Pool } from 'pg'\nexport const ledger = (pool: Pool) => [state, join, pool]`,
  'runner/src/lease.ts': `export const lease = async () => (await import('@viewportai/core/run/state')).state`,
  'web/src/inbox.tsx': `import { state } from '@viewportai/core/run/state'\nimport './inbox.css'\nexport const Inbox = () => state`,
  'web/vite.config.ts': `import { defineConfig } from 'vite'\nexport default defineConfig({})`,
  'e2e/001-start.test.ts': `import { spawn } from 'node:child_process'\nimport { chromium } from 'playwright-core'\nvoid [spawn, chromium]`,
}

test('a project that keeps to the table has no breach', () => {
  expect(breachesOf(CLEAN)).toEqual([])
})

describe('each rule is red when it is broken', () => {
  const planted: [rule: string, files: Record<string, string>, breach: RegExp][] = [
    [
      'core imports Node',
      { 'core/src/a.ts': `import { readFileSync } from 'node:fs'\nexport const a = readFileSync` },
      /^core\/src\/a\.ts:1 imports node:fs: core must not import Node's own/,
    ],
    [
      'core imports Node by its short name',
      { 'core/src/a.ts': `import fs from 'fs'\nexport const a = fs` },
      /imports fs: core must not import Node's own/,
    ],
    [
      'core imports another package',
      { 'core/src/a.ts': `\nimport { Pool } from 'pg'\nexport const a = Pool` },
      /^core\/src\/a\.ts:2 imports pg: pg is not in the row of core/,
    ],
    [
      'core imports a room',
      {
        'core/src/a.ts': `import { b } from '@viewportai/viewport/b'\nexport const a = b`,
        'server/src/b.ts': `export const b = 1`,
      },
      /core must not import server/,
    ],
    [
      'server imports runner',
      {
        'server/src/a.ts': `import { b } from '@viewportai/daemon/b'\nexport const a = b`,
        'runner/src/b.ts': `export const b = 1`,
      },
      /server must not import runner/,
    ],
    [
      'server imports web, as a type',
      { 'server/src/a.ts': `export type A = import('@viewportai/web/b').B`, 'web/src/b.ts': `export type B = 1` },
      /server must not import web/,
    ],
    [
      'runner imports server, at run time',
      {
        'runner/src/a.ts': `export const a = () => import('@viewportai/viewport/b')`,
        'server/src/b.ts': `export const b = 1`,
      },
      /runner must not import server/,
    ],
    [
      'web imports Node',
      { 'web/src/a.tsx': `import { join } from 'node:path'\nexport const A = join` },
      /web must not import Node's own/,
    ],
    [
      'web ships a package for development',
      { 'web/src/a.tsx': `import { build } from 'vite'\nexport const A = build` },
      /vite is not in the row of web/,
    ],
    [
      'a program requires what it may not',
      { 'server/bin/a.mjs': `const react = require('react')\nvoid react` },
      /react is not in the row of server/,
    ],
    [
      'e2e reaches inside',
      {
        'e2e/001.test.ts': `import { a } from '@viewportai/core/a'\nvoid a`,
        'core/src/a.ts': `export const a = 1\nvoid a`,
      },
      /e2e must not import core/,
    ],
    [
      'a relative import leaves its room',
      {
        'server/src/a.ts': `import { b } from '../../core/src/b.ts'\nexport const a = b`,
        'core/src/b.ts': `export const b = 1`,
      },
      /a relative import must not leave its room/,
    ],
    [
      'shipped code imports a test',
      {
        'core/src/a.ts': `import { b } from './testing/b.ts'\nexport const a = b`,
        'core/src/testing/b.ts': `export const b = 1`,
      },
      /only tests import what is made for tests/,
    ],
    [
      'core reads the clock',
      { 'core/src/a.ts': `export const a = () => Date.now()` },
      /^core\/src\/a\.ts:1 uses Date\.now: the core is pure/,
    ],
    [
      'core reads the clock by a new Date',
      { 'core/src/a.ts': `export const a = () => new Date()` },
      /uses Date without a time/,
    ],
    ['core rolls dice', { 'core/src/a.ts': `export const a = Math.random()` }, /uses Math\.random/],
    ['core reads the environment', { 'core/src/a.ts': `export const a = process.env.HOME` }, /uses process/],
    [
      "core uses the platform's crypto",
      { 'core/src/a.ts': `export const a = { id: crypto.randomUUID() }` },
      /uses crypto/,
    ],
    ['core reaches the network', { 'core/src/a.ts': `export const a = () => fetch('http://x')` }, /uses fetch/],
    [
      'core reaches through globalThis',
      { 'core/src/a.ts': `export const a = globalThis['pro' + 'cess']` },
      /uses globalThis/,
    ],
    [
      'core sets a timer',
      { 'core/src/a.ts': `export const a = (f: () => void) => setTimeout(f, 1)` },
      /uses setTimeout/,
    ],
    ['core knows where it lies', { 'core/src/a.ts': `export const a = import.meta.url` }, /uses import\.meta/],
    [
      'two files import each other',
      {
        'web/src/a.ts': `import { b } from './b.ts'\nexport const a = () => b`,
        'web/src/b.ts': `import type { a } from './a.ts'\nexport let b: typeof a`,
      },
      /circle of imports: web\/src\/(a\.ts -> web\/src\/b\.ts|b\.ts -> web\/src\/a\.ts) ->/,
    ],
    [
      'files import each other through the package name',
      {
        'core/src/a.ts': `import { b } from '@viewportai/core/b'\nexport const a = () => b`,
        'core/src/b.ts': `export { a as b } from './a.ts'\nexport const c = 1`,
      },
      /circle of imports/,
    ],
    [
      'a part of the core that only tests use',
      {
        'core/src/a.ts': `\nexport const a = (): number => 1\nexport const b = 2`,
        'core/src/a.test.ts': `import { test } from 'vitest'\nimport { a, b } from './a.ts'\ntest('x', () => void [a, b])`,
        'web/src/b.ts': `import { b } from '@viewportai/core/a'\nexport const c = b`,
      },
      /^core\/src\/a\.ts:2 exports a: only tests use it/,
    ],
    [
      'a type of the core that only tests use',
      {
        'core/src/a.ts': `export type A = string`,
        'core/src/testing/a.ts': `import type { A } from '../a.ts'\nexport const a: A = ''`,
      },
      /exports A: only tests use it/,
    ],
    [
      'a barrel',
      {
        'core/src/a.ts': `export * from './b.ts'\nexport { b as c } from './b.ts'`,
        'core/src/b.ts': `export const b = 1`,
      },
      /^core\/src\/a\.ts:1 only passes on exports/,
    ],
    [
      'a file with an empty name',
      { 'server/src/run-manager.ts': `export const a = 1` },
      /run-manager\.ts:1 is badly named: "Manager"/,
    ],
    ['a drawer', { 'web/src/utils/a.ts': `export const a = 1` }, /"utils" is a drawer/],
    [
      'an export with an empty name',
      { 'server/src/a.ts': `export class RunService {}` },
      /exports RunService: "Service" says nothing/,
    ],
    [
      'a type with an empty name',
      { 'server/src/a.ts': `type EventData = 1\nexport type { EventData }` },
      /exports EventData/,
    ],
  ]

  test.each(planted)('%s', (_, files, breach) => {
    expect(breachesOf(files)).toEqual([expect.stringMatching(breach)])
  })
})

test('a part of the core that is used in its own file, by all its names, or at run time, is no dead one', () => {
  const tested = (name: string) =>
    `import { test } from 'vitest'\nimport { ${name} } from './a.ts'\ntest('x', () => void ${name})`
  for (const [own, user] of [
    ['export const a = 1\nexport const b = a', `import { b } from '@viewportai/core/a'\nexport const c = b`],
    ['export const a = 1', `import * as all from '@viewportai/core/a'\nexport const c = all`],
    ['export const a = 1', `export const c = async () => (await import('@viewportai/core/a')).a`],
    ['export const a = 1', `export { a as c } from '@viewportai/core/a'\nexport const d = 1`],
    ['export const a = 1', `import { a as c } from '@viewportai/core/a'\nexport const d = c`],
  ] as const)
    expect(breachesOf({ 'core/src/a.ts': own, 'core/src/a.test.ts': tested('a'), 'web/src/b.ts': user })).toEqual([])
})

test('a file that cannot be parsed is a fault, not a file without imports', () => {
  expect(() => breachesOf({ 'core/src/a.ts': `import {` })).toThrow(/core\/src\/a\.ts cannot be parsed/)
})

test('a room the table does not know may import nothing', () => {
  const table = '| room | may import |\n| - | - |\n| `core` | `core` |\n'
  const files = {
    'docs/architecture.md': table,
    'server/src/a.ts': `import { join } from 'node:path'\nexport const a = join`,
  }
  expect(breachesOf(files)).toEqual([expect.stringMatching(/has no row for server/)])
})

test('without its table the check is a fault', () => {
  expect(() => breachesOf({ 'docs/architecture.md': '# nothing' })).toThrow(/has no table/)
})

test('what cannot be read makes the stage fail, and does not end the check at once', async () => {
  const root = mkdtempSync(join(tmpdir(), 'viewport-architecture-'))
  folders.push(root)
  const run = architecture.run({ root, env: {}, live: false, atEnd: () => {} })
  await expect(run).rejects.toThrow('docs/architecture.md')
})
