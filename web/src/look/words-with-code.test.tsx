import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'

import { WordsWithCode } from './words-with-code.tsx'

const html = (text: string) => renderToStaticMarkup(<WordsWithCode text={text} />)

test('what stands between backticks is code, hidden characters are seen in it, and a single backtick stays one', () => {
  expect(html('Make a new one with `viewport sign-in-link @you`.')).toBe(
    'Make a new one with <code>viewport sign-in-link @you</code>.',
  )
  expect(html('`a` or `b`')).toBe('<code>a</code> or <code>b</code>')
  expect(html('it said ` and no more')).toBe('it said ` and no more')
  expect(html('`x\u202Ey`')).toMatch(/<code>x<mark class="uc"[^>]*>U\+202E<\/mark>y<\/code>/)
  expect(html('<b>no</b>')).toBe('&lt;b&gt;no&lt;/b&gt;')
})
