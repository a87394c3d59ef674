import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'

import { Sentence } from './sentence.tsx'

const html = (text: string) => renderToStaticMarkup(<Sentence text={text} />)

test('branches, digests and what stands between backticks are code, each once', () => {
  expect(html('The runner pushes vp/three-mugs-2f84c4; Viewport opens the change.')).toBe(
    'The runner pushes <code>vp/three-mugs-2f84c4</code>; Viewport opens the change.',
  )
  expect(html('Saw 7533ac…acf1, session in web.')).toBe('Saw <code class="nw">7533ac…acf1</code>, session in web.')
  expect(html('The rule `git push vp/*` asks: vp/a-1.')).toBe(
    'The rule <code>git push vp/*</code> asks: <code>vp/a-1</code>.',
  )
  expect(html('a ` alone, and <b>no</b> markup')).toBe('a ` alone, and &lt;b&gt;no&lt;/b&gt; markup')
})

test('hidden characters are seen in code, and a single backtick stays one', () => {
  expect(html('Make a new one with `viewport sign-in-link @you`.')).toBe(
    'Make a new one with <code>viewport sign-in-link @you</code>.',
  )
  expect(html('`a` or `b`')).toBe('<code>a</code> or <code>b</code>')
  expect(html('it said ` and no more')).toBe('it said ` and no more')
  expect(html('`x\u202Ey`')).toMatch(/<code>x<mark class="uc"[^>]*>U\+202E<\/mark>y<\/code>/)
  expect(html('<b>no</b>')).toBe('&lt;b&gt;no&lt;/b&gt;')
})
