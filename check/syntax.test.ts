import { expect, test } from 'vitest'

import { readSyntax } from './syntax.ts'

test('finds every way to import, with its line', () => {
  const text = `import a, { b } from 'one'
import type { C } from 'two'
export { d } from 'three'
export * from 'four'
import 'five'
const e = await import('six')
type F = import('seven').F
const g = require('eight')
// import 'nine'
const h = "import 'ten'"`
  expect(readSyntax('a.ts', text).imports).toEqual(
    ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'].map((specifier, index) => ({
      names: [['default', 'b'], ['C'], ['d'], null, [], null, null, null][index],
      specifier,
      line: index + 1,
      typeOnly: ['two', 'seven'].includes(specifier),
    })),
  )
})

test('finds every way to export', () => {
  const text = `export const a = 1, { b, c: [d = 2] } = x
export function e() {}
export class F {}
export interface G {}
export type H = 1
const i = 1
export { i as j }
export default function k() {}`
  expect(readSyntax('a.ts', text).exports.map(({ name }) => name)).toEqual('a b d e F G H j k'.split(' '))
})

test.each([
  ['a key', `const x = { process: 1, fetch() {} }`],
  ['a property', `x.process.crypto()`],
  ['a type member', `type X = { performance: number; location(): void }`],
  ['a parameter', `const f = (location: string) => location`],
  ['an import', `import { fetch } from './a.ts'\nfetch()`],
  ['a date with a time', `new Date(0)`],
])('a name of the platform is no reach when it is %s', (_, text) => {
  expect(readSyntax('a.ts', text).reaches).toEqual([])
})

test.each([
  ['a shorthand', `const x = { process }`, 'process'],
  ['a computed key', `const x = y[process]`, 'process'],
  ['a quoted member', `Math['random']()`, 'Math.random'],
  ['a default', `const f = (now = Date.now) => now`, 'Date.now'],
  ['typeof', `const x = typeof window`, 'window'],
])('a name of the platform is a reach as %s', (_, text, what) => {
  expect(readSyntax('a.ts', text).reaches).toEqual([{ what, line: 1 }])
})
