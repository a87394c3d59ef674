import { expect, test } from 'vitest'
import { linesBetween } from './difference.tsx'

const said = (before: string, after: string) => linesBetween(before, after).map(({ kind, text }) => `${kind} ${text}`)

test('a changed line stands between a few that are the same', () =>
  expect(said('a\nb\nc\nd\ne\nf\ng\n', 'a\nb\nc\nD\ne\nf\ng')).toEqual([
    'left ',
    'same b',
    'same c',
    'gone d',
    'new D',
    'same e',
    'same f',
    'left ',
  ]))
test('lines at the end and at the beginning', () =>
  expect(said('a\nb', 'z\na\nb\nc')).toEqual(['new z', 'same a', 'same b', 'new c']))
test('nothing differs', () => expect(said('a\nb\n', 'a\nb')).toEqual(['left ']))
