import { expect, test } from 'vitest'
import { safePath, tokenIn } from './token.ts'

test.each([
  ['#abcdefghij_-.~1', 'abcdefghij_-.~1'],
  ['http://127.0.0.1:7777/sign-in#abcdefghij', 'abcdefghij'],
  ['  abcdefghij\n', 'abcdefghij'],
  ['', null],
  ['#short', null],
  ['http://127.0.0.1:7777/sign-in', null],
  ['#<script>alert(1)</script>', null],
])('%j holds %j', (text, token) => expect(tokenIn(text)).toBe(token))

test.each([
  ['/inbox/gate_1-1', '/inbox/gate_1-1'],
  ['/runs?q=x', '/runs?q=x'],
  ['//evil.example', '/inbox'],
  ['/\\evil.example', '/inbox'],
  ['/\t/evil.example', '/inbox'], // a browser leaves tabs and line ends out
  ['/\n\\evil.example', '/inbox'],
  ['https://evil.example', '/inbox'],
  ['javascript:alert(1)', '/inbox'],
  ['/sign-in', '/inbox'],
  [undefined, '/inbox'],
])('%j leads to %j', (to, path) => expect(safePath(to)).toBe(path))
