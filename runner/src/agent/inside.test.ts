/** Is a path outside told from one inside, whatever links there are? */
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { isInside } from './inside.ts'

const root = mkdtempSync(path.join(tmpdir(), 'vpd-inside-'))
const repo = path.join(root, 'repo')
mkdirSync(path.join(repo, 'src'), { recursive: true })
mkdirSync(path.join(root, 'other'))
mkdirSync(path.join(root, 'repo-2'))
writeFileSync(path.join(root, 'other', 'file'), '')
symlinkSync('../other', path.join(repo, 'away'))
symlinkSync('../other/file', path.join(repo, 'file'))
symlinkSync('../other/not-yet', path.join(repo, 'dangling'))
symlinkSync('src', path.join(repo, 'here'))
symlinkSync('repo', path.join(root, 'by-link'))
afterAll(() => rmSync(root, { recursive: true }))

it.each([
  ['src/a.js', true],
  ['new/deep/b.js', true],
  ['here/a.js', true],
  ['here/../src/a.js', true],
  ['..a', true],
  ['.', true],
  ['', true],
  ['../by-link/new', true],
  ['..', false],
  ['../other/x', false],
  ['../repo-2/x', false],
  ['/etc/passwd', false],
  ['away/x', false],
  ['away/new/x', false],
  ['file', false],
  ['file/x', false],
  ['dangling', false],
  ['dangling/x', false],
])('%s: %s', (file, inside) => {
  expect(isInside(file, repo, [repo])).toBe(inside)
  expect(isInside(file, repo, [path.join(root, 'by-link')])).toBe(inside)
})
it('is inside when one of the folders has it', () => {
  expect(isInside('../other/x', repo, [repo, path.join(root, 'other')])).toBe(true)
  expect(isInside('x', repo, [])).toBe(false)
})
