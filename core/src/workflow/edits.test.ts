import { describe, expect, test } from 'vitest'
import { compileWorkflow } from './compile.ts'
import { buildsOn } from './builds-on.ts'
import { compiled, errorsOf } from './testing/examples.ts'

const file = (steps: string, repos = '[acme/shop]'): string =>
  `name: w\ntrigger: { manual: {} }\nrepos: ${repos}\nsteps:\n${steps}`
const said = (source: string): string[] =>
  errorsOf(source).map(({ code, line, message }) => `${line} ${code}: ${message}`)

describe('edits of one run', () => {
  test('follow each other: an edit starts from the last edit among its needs', () => {
    const { steps } = compiled(
      file(`  - { id: api, mode: edit, needs: [] }
  - { id: tests, run: [npm test], of: api, needs: [api] }
  - { id: docs, mode: edit, needs: [tests] }
  - pr_approval: { of: docs, needs: [docs] }
  - { action: git.open_change, of: docs }
`),
    )
    expect(buildsOn(steps, 'docs')).toBe('api')
    expect(buildsOn(steps, 'api')).toBe(null)
  })

  test('side by side, of which one is published, lose the other: an error where it stands', () =>
    expect(
      said(
        file(`  - { id: api, mode: edit, needs: [] }
  - { id: docs, mode: edit, needs: [] }
  - pr_approval: { of: api, needs: [api, docs] }
  - { action: git.open_change, of: api }
`),
      ),
    ).toEqual([expect.stringMatching(/^6 lost_work: What docs changes goes nowhere: .*needs: \[docs\]/)]))

  test('side by side before a third that builds on the last of them alone, too', () =>
    expect(
      said(
        file(`  - { id: api, mode: edit, needs: [] }
  - { id: web, mode: edit, needs: [] }
  - { id: docs, mode: edit, needs: [api, web] }
  - pr_approval: { of: docs, needs: [docs] }
  - { action: git.open_change, of: docs }
`),
      ),
    ).toEqual([expect.stringMatching(/^5 lost_work: What api changes/)]))

  test("of a workflow that publishes nothing are nobody else's business", () =>
    expect(
      compileWorkflow(file(`  - { id: api, mode: edit, needs: [] }\n  - { id: docs, mode: edit, needs: [] }\n`)).ok,
    ).toBe(true))

  test('end in one change', () =>
    expect(
      said(
        file(`  - { id: api, mode: edit }
  - pr_approval
  - { id: one, action: git.open_change }
  - { id: two, action: git.open_change }
`),
      ),
    ).toEqual(['8 duplicate: A run opens one change, and one opens it.']))
})

describe('a run changes one repository', () => {
  const steps = '  - { id: api, mode: edit }\n'
  test('the first, when nothing is said; the others are read', () =>
    expect(
      compiled(file(steps, '[acme/a, acme/b]')).repos.map(({ name, access, write }) => [name, access, write]),
    ).toEqual([
      ['acme/a', 'write', ['**']],
      ['acme/b', 'read', []],
    ]))
  test('the one that is named, when it is said', () =>
    expect(compiled(file(steps, '[acme/a: { access: read }, acme/b]')).repos.map(({ access }) => access)).toEqual([
      'read',
      'write',
    ]))
  test.each(['{ access: write }', '{ write: ["src/**"] }'])('and no second one: %s', (options) =>
    expect(said(file(steps, `[acme/a, acme/b: ${options}]`))).toEqual([
      '3 contradiction: A run changes one repository, and acme/a comes first; acme/b can be read (`access: read`).',
    ]),
  )
})
