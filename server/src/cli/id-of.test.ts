import { expect, test } from 'vitest'
import { idOf } from './id-of.ts'

const all = [
  { id: 'con_1', name: 'jira' },
  { id: 'con_2', name: 'Our Jira' },
  { id: 'con_3', name: 'Our Jira' },
  { id: 'con_4', name: 'con_1' },
]

test.each([
  ['con_2', 'con_2'],
  ['jira', 'con_1'],
  ['con_1', 'con_1'], // an id comes first
  ['nobody', 'nobody'],
])('%s means %s', (word, id) => expect(idOf('connections', word, all)).toBe(id))

test('a name that several have is refused with their ids', () =>
  expect(() => idOf('connections', 'Our Jira', all)).toThrow(/2 connections are called Our Jira: con_2, con_3/))
