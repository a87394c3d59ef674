import { execFileSync } from 'node:child_process'
import { chmodSync, mkdtempSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { readPatch, type Patch } from './patch.ts'

/** A real repository, changed in every way a patch can say. */
const folder = mkdtempSync(join(tmpdir(), 'viewport-patch-'))
const env = {
  PATH: process.env['PATH'],
  HOME: folder,
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'a',
  GIT_AUTHOR_EMAIL: 'a@x',
  GIT_COMMITTER_NAME: 'a',
  GIT_COMMITTER_EMAIL: 'a@x',
}
const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, env, encoding: 'utf8', maxBuffer: 1 << 28 })
const write = (path: string, body: string | Uint8Array) => writeFileSync(join(folder, path), body)
const lines = (count: number, mark = '') => Array.from({ length: count }, (_, i) => `line ${i}${mark}\n`).join('')

const byPath = (counted: string[][]) => counted.toSorted((a, b) => (a[2]! < b[2]! ? -1 : 1))

let plain: Patch
let full: Patch

beforeAll(() => {
  git('init', '-q', '-b', 'main')
  mkdirSync(join(folder, 'src with blank'))
  write('kept.txt', lines(40))
  write('gone.txt', 'a\nb\n')
  write('old name.txt', lines(30))
  write('no-newline.txt', 'first\nlast')
  write('mode.sh', '#!/bin/sh\n')
  write('mode-and-text.sh', lines(12))
  write(
    'picture.bin',
    new Uint8Array(600).map((_, i) => (i * 37) % 256),
  )
  write('src with blank/ä "quoted".txt', 'x\n')
  write('headers.txt', '-- a/fake\n@@ -1 +1 @@\ndiff --git a/x b/x\nend\n')
  git('add', '-A')
  git('commit', '-qm', 'first')
  write('kept.txt', lines(40).replace('line 5\n', 'line five\nand more\n').replace('line 35\n', ''))
  rmSync(join(folder, 'gone.txt'))
  renameSync(join(folder, 'old name.txt'), join(folder, 'new name.txt'))
  write('new name.txt', lines(30).replace('line 3\n', 'line three\n'))
  write('no-newline.txt', 'first\nlast, changed')
  chmodSync(join(folder, 'mode.sh'), 0o755)
  chmodSync(join(folder, 'mode-and-text.sh'), 0o755)
  write('mode-and-text.sh', lines(12).replace('line 1\n', ''))
  write(
    'picture.bin',
    new Uint8Array(600).map((_, i) => (i * 41) % 256),
  )
  write('src with blank/ä "quoted".txt', 'y\n')
  write('headers.txt', 'end\n++ b/fake\n+diff --git a/y b/y\n')
  write('added.txt', 'one\ntwo\n')
  write('empty.txt', '')
  write('added.bin', new Uint8Array([0, 1, 2, 0, 255]))
  git('add', '-A')
  plain = readPatch(git('diff', '--cached', '-M'))
  full = readPatch(git('diff', '--cached', '-M', '--binary', '--full-index'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each([
  ['as git shows it', () => plain],
  ['with binary blocks', () => full],
])('a real patch, %s', (_, patch) => {
  test('every line is understood', () => expect(patch().unread).toEqual([]))

  test('every file is found with its counts, as git counts them', () => {
    const counted = git('diff', '--cached', '-M', '--numstat', '-z').split('\0')
    const wanted: [string, string, string][] = []
    for (let i = 0; i < counted.length - 1; i += 1) {
      const [added, removed, path] = counted[i]!.split('\t') as [string, string, string]
      if (path === '') {
        wanted.push([added, removed, counted[i + 2]!])
        i += 2
      } else wanted.push([added, removed, path])
    }
    const found = patch().files.map((file) => [
      file.binary ? '-' : String(file.added),
      file.binary ? '-' : String(file.removed),
      file.path,
    ])
    expect(byPath(found)).toEqual(byPath(wanted))
  })

  test.each([
    ['added.txt', { status: 'added', newMode: '100644', binary: false }],
    ['empty.txt', { status: 'added', hunks: [] }],
    ['gone.txt', { status: 'deleted', oldMode: '100644' }],
    ['new name.txt', { status: 'renamed', from: 'old name.txt' }],
    ['mode.sh', { status: 'mode', oldMode: '100644', newMode: '100755', hunks: [] }],
    ['mode-and-text.sh', { status: 'modified', oldMode: '100644', newMode: '100755' }],
    ['picture.bin', { status: 'modified', binary: true, hunks: [] }],
    ['added.bin', { status: 'added', binary: true }],
    ['src with blank/ä "quoted".txt', { status: 'modified', added: 1, removed: 1 }],
  ])('%s', (path, wanted) => expect(patch().files.find((file) => file.path === path)).toMatchObject(wanted))

  test('numbers of both sides', () => {
    const rows = patch()
      .files.find((file) => file.path === 'kept.txt')!
      .hunks.flatMap((hunk) => hunk.rows.filter((row) => row.kind !== 'ctx'))
    expect(rows).toEqual([
      { kind: 'del', text: 'line 5', old: 6, new: null },
      { kind: 'add', text: 'line five', old: null, new: 6 },
      { kind: 'add', text: 'and more', old: null, new: 7 },
      { kind: 'del', text: 'line 35', old: 36, new: null },
    ])
  })

  test('a missing newline is a note, not a line', () => {
    const rows = patch().files.find((file) => file.path === 'no-newline.txt')!.hunks[0]!.rows
    expect(rows.map((row) => row.kind)).toEqual(['ctx', 'del', 'note', 'add', 'note'])
    expect(rows[2]!.text).toBe('No newline at end of file')
  })

  test('content that looks like headers stays content', () => {
    const rows = patch()
      .files.find((file) => file.path === 'headers.txt')!
      .hunks.flatMap((hunk) => hunk.rows)
    expect(rows.filter((row) => row.kind === 'del').map((row) => row.text)).toEqual([
      '-- a/fake',
      '@@ -1 +1 @@',
      'diff --git a/x b/x',
    ])
    expect(rows.filter((row) => row.kind === 'add').map((row) => row.text)).toEqual([
      '++ b/fake',
      '+diff --git a/y b/y',
    ])
  })
})

describe('what does not fit is kept and named', () => {
  test('a hunk that ends too early', () => {
    const patch = readPatch('diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,3 +1,3 @@\n a\n-b\n')
    expect(patch.files[0]!.hunks).toEqual([])
    expect(patch.unread.map((line) => line.text)).toEqual(['@@ -1,3 +1,3 @@', ' a', '-b'])
  })
  test('lines after the last hunk', () =>
    expect(readPatch('diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n+rm -rf /\n').unread).toEqual([
      { line: 7, text: '+rm -rf /' },
    ]))
  test('text before the first file', () =>
    expect(readPatch('From: someone\n\ndiff --git a/x b/x\n').unread).toHaveLength(2))
  test('nothing', () => expect(readPatch('')).toEqual({ files: [], unread: [] }))
})

test('a patch of 100,000 lines is read in under a second', () => {
  const rows = Array.from({ length: 50_000 }, (_, i) => `-old ${i}\n+new ${i}\n`).join('')
  const text = `diff --git a/big b/big\n--- a/big\n+++ b/big\n@@ -1,50000 +1,50000 @@\n${rows}`
  const from = performance.now()
  const patch = readPatch(text)
  expect(performance.now() - from).toBeLessThan(20_000)
  expect(patch.files[0]).toMatchObject({ added: 50_000, removed: 50_000 })
})
