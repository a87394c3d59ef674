import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'

import { slowPatterns } from './slow-patterns.ts'
import { isTest, sourceFiles } from './source-files.ts'

const root = join(import.meta.dirname, '..')
const shipped = /^(core|server|runner|web)\/src\//

test('a run at the end of a text is found in every way of writing it', () => {
  const slow = String.raw`[/\/+$/, /^-+|-+$/g, /[.,;:!?]+$/, /\s*$/, /[^\]]*$/u, /=+$|x/, /a{2,}$/, /x+?$/]`
  expect(slowPatterns('a.ts', slow)).toHaveLength(8)
  expect(slowPatterns('a.ts', '\n\nconst a = b.replace(/-+$/, "")')).toEqual([{ line: 3, pattern: '-+$' }])
  expect(slowPatterns('a.tsx', 'const A = () => <p title={b.replace(/-+$/, "")} />')).toHaveLength(1)
})

test('what begins somewhere is none', () => {
  const fine = String.raw`[/^\/+$/, /:\d+$/, /\.\w+$/, /^[a-z]+$/, /(a|b+)$/, /\/$/, /x{3}$/, /a+\$/, /\b+$/]`
  expect(slowPatterns('a.ts', fine)).toEqual([])
})

test('nothing that is shipped has one', () => {
  const found = sourceFiles(root)
    .filter((file) => shipped.test(file) && !isTest(file))
    .flatMap((file) =>
      slowPatterns(file, readFileSync(join(root, file), 'utf8')).map(
        ({ line, pattern }) =>
          `${file}:${line}: /${pattern}/ reads a run anew from each of its characters; use trimmedEnd`,
      ),
    )
  expect(found).toEqual([])
})
