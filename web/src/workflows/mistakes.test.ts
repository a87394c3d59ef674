import { EditorState } from '@codemirror/state'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstWorkflow } from './first-workflow.ts'
import { mistakes, setMistakes } from './mistakes.ts'

const drawn = (source: string) => {
  const compiled = compileWorkflow(source)
  const state = EditorState.create({ doc: source, extensions: [mistakes] })
  return state.update({ effects: setMistakes.of(compiled.ok ? [] : compiled.errors) }).state.field(mistakes)
}

test('an error underlines its word and stands under its line', () => {
  const { marks, errors } = drawn(firstWorkflow.replace('git.open_change', 'git.opn_change'))
  const kinds: string[] = []
  marks.between(0, 1_000, (_from, _to, mark) => void kinds.push(String(mark.spec.class ?? 'box')))
  expect(errors).toHaveLength(1)
  expect(kinds).toEqual(['wrong', 'cm-wrong', 'box'])
})

test('whatever one types, the errors can be drawn', () => {
  const edit = fc.tuple(
    fc.nat({ max: firstWorkflow.length }),
    fc.nat({ max: 12 }),
    fc.oneof(fc.string({ maxLength: 6 }), fc.constantFrom('\n', ': ', '- ', '[', '}', '#', "'", '  ', '\t', '*', '&a')),
  )
  fc.assert(
    fc.property(fc.array(edit, { maxLength: 6 }), (edits) => {
      let source = firstWorkflow
      for (const [at, cut, text] of edits) source = source.slice(0, at) + text + source.slice(at + cut)
      expect(() => drawn(source)).not.toThrow()
    }),
    { numRuns: 400 },
  )
})
