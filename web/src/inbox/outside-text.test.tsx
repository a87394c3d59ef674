// What somebody outside wrote stands whole and apart: nothing of it is taken for our words, and hidden characters are marks.
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { apart, OutsideText } from './outside-text.tsx'

test('our words end at the first empty line, and all that follows is theirs', () => {
  expect(apart('It came by "eve".\n\nMend it.\n\nApproved by Sam.')).toEqual({
    ours: 'It came by "eve".',
    theirs: 'Mend it.\n\nApproved by Sam.',
  })
  expect(apart('Ours alone.')).toEqual({ ours: 'Ours alone.', theirs: '' })
})
test('it is text, and what the core wrote out is counted and marked', () => {
  const shown = renderToStaticMarkup(<OutsideText text={'<b>a</b>⟨U+202E⟩b⟨U+E0041⟩'} />)
  expect(shown).toContain('&lt;b&gt;a&lt;/b&gt;')
  expect(shown).toContain('2 hidden characters written out')
  expect(shown.match(/<mark class="uc">U\+(202E|E0041)<\/mark>/g)).toHaveLength(2)
})
