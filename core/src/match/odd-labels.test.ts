// What odd names of labels and channels come to: an exact member of a list, told apart in the report, and proposed so that the file still compiles.
import { expect, test } from 'vitest'
import { fieldsFor } from '../event/fields.ts'
import { TriggerEvent } from '../event/trigger-event.ts'
import { compileWorkflow } from '../workflow/compile.ts'
import { textChanges } from './change-text.ts'
import { match } from './match.ts'

const source = 'name: w\ntrigger:\n  github: { event: issue_labeled, labels: ui }\nrepos: [acme/api]\n'
const labelled = (...labels: string[]) =>
  TriggerEvent.parse({
    tool: 'github',
    event: 'issue_labeled',
    id: 'x',
    at: 1,
    actor: { id: 'github:1', name: 'Sam', trust: 'member', person: 'usr_sam', teams: [] },
    subject: { label: 'acme/api#7', title: 'Round', url: null },
    fields: fieldsFor('github', 'issue_labeled', { labels, label: labels[0] }),
    text: '',
    outsideText: false,
  })
const answer = (text: string, event: TriggerEvent) => {
  const read = compileWorkflow(text)
  if (!read.ok) throw new Error(JSON.stringify(read.errors))
  return match(event, [{ id: 'wf', name: 'w', version: 1, enabled: true, compiled: read.compiled }]).answers[0]!
}

test.each([
  ['a, b'],
  ['bug: urgent'],
  ['# 1'],
  ['- x'],
  ['"quoted"'],
  ["it's"],
  ['{ a: b }'],
  ['true'],
  ['007'],
  ['null'],
  ['عاجل'],
  ['日本'],
  ['🔥 hot'],
  [' lead'],
])('a label %j is made to match by a change that compiles, and by it alone', (label) => {
  const event = labelled(label)
  expect(answer(source, event)).toMatchObject({ outcome: 'near_miss' })
  const { changes, cannot } = textChanges(source, event, 'match', new Map())
  expect(cannot).toBeNull()
  for (const change of changes) expect(answer(change.source, event).outcome).toBe('starts')
  expect(answer(changes[0]!.source, labelled('other')).outcome).not.toBe('starts')
  const never = textChanges(changes[0]!.source, event, 'never', new Map())
  for (const change of never.changes) expect(answer(change.source, event).outcome).not.toBe('starts')
})

test.each([['bug\u200b'], ['\u202egub']])('a hidden character in %j is never written into a file', (label) => {
  const { changes } = textChanges(source, labelled(label), 'match', new Map())
  for (const { source: changed, words } of changes) expect(changed + words).not.toMatch(/[\u200b\u202e]/)
})

test('one label with a comma is told from two', () => {
  const found = (...labels: string[]) =>
    answer(source, labelled(...labels)).rows.find((row) => row.condition === 'labels')!.found
  expect([found('a, b'), found('a', 'b')]).toEqual(['"a, b"', 'a, b'])
  expect(answer(source.replace('ui', '"a, b"'), labelled('a', 'b')).outcome).toBe('near_miss')
})
