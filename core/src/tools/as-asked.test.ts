/** What a tool may write in its own way, and what it may not. */
import { expect, it } from 'vitest'
import { isAsAsked } from './as-asked.ts'

const asked = { title: 'Prices  round down', labels: ['Bug', 'help wanted'] }
it.each<[string, Parameters<typeof isAsAsked>[1], boolean]>([
  ['the same', asked, true],
  ['other blanks', { ...asked, title: ' Prices round down\n' }, true],
  ['another case of its labels, and more of them', { ...asked, labels: ['bug', 'Help  wanted', 'triage'] }, true],
  ['another title', { ...asked, title: 'Prices round up' }, false],
  ['a title that was cut', { ...asked, title: 'Prices' }, false],
  ['one label less', { ...asked, labels: ['Bug'] }, false],
  ['no label', { ...asked, labels: [] }, false],
])('%s', (_, shown, expected) => expect(isAsAsked(asked, shown)).toBe(expected))
