import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'

import { UnreadLines } from '../diff/unread-lines.tsx'
import { PathList } from './path-list.tsx'

test('what hides in a path, or in a line that is not understood, is seen', () => {
  const paths = renderToStaticMarkup(<PathList paths={['src/price.js', 'src/pri\u200bce.js', 'src/\u202ecod.js']} />)
  expect(paths).toContain('<li>src/price.js</li>')
  expect(paths).toMatch(/src\/pri<mark[^>]*>U\+200B<\/mark>ce\.js/)
  expect(paths).toMatch(/src\/<mark[^>]*>U\+202E<\/mark>cod\.js/)
  const lines = renderToStaticMarkup(<UnreadLines of={{ unread: [{ line: 7, text: 'odd\u202e' }] }} />)
  expect(lines).toMatch(/line 7 of the patch is not understood: odd<mark[^>]*>U\+202E<\/mark>/)
  expect(paths + lines).not.toMatch(/[\u200b\u202e]/)
})
