import { expect, test } from 'vitest'

import { readPlan } from '../agent/plan.ts'
import { headingIn } from './heading.ts'
import { sectionsOf } from './sections.ts'

test('a heading has a level and a title, closed or not', () => {
  expect(headingIn('## What to do')).toEqual({ level: 2, title: 'What to do' })
  expect(headingIn('  # C# and F# ##  ')).toEqual({ level: 1, title: 'C# and F#' })
  expect(headingIn('# C#')).toEqual({ level: 1, title: 'C#' })
  expect(headingIn('### Steps ###')).toEqual({ level: 3, title: 'Steps' })
  expect(headingIn('== Install', { asciidoc: true })).toEqual({ level: 2, title: 'Install' })
})

test('what is none is none', () => {
  for (const line of ['', '#', '# ', '#tag', '####### seven', '    # code', '== Install', '# #', 'a # b'])
    expect(headingIn(line), line).toBeNull()
})

// It took two minutes.
test('a line of blanks that ends in no heading is read at once', () => {
  const hostile = `#${' '.repeat(4_000)}\u2028${' '.repeat(4_000)}x`
  expect(readPlan(`${hostile}\n## Steps\n1. Round once`)).toMatchObject({ steps: 1 })
  expect(sectionsOf('README.md', hostile)).toHaveLength(1)
})
