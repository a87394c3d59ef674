// Every tool whose events can start something gives samples, and its own reader reads them with the fields of the language.
import { expect, test } from 'vitest'
import { tools } from '@viewportai/core/event/tools'
import { toolNamed, toolNames } from '../tools/table.ts'
import { allSamples } from './samples.ts'

const all = allSamples()
const heard = toolNames.filter((name) => Object.hasOwn(tools, name) && toolNamed(name)!.hook !== null)

const kinds = [...heard, 'webhook', 'schedule', 'manual', 'api'].flatMap((tool): (readonly [string, string | null])[] =>
  // What a source of somebody's own calls its events is not ours to name.
  tool === 'webhook'
    ? [[tool, null] as const]
    : Object.keys(tools[tool]!.events).map((event) => [tool, event] as const),
)
test.each(kinds)('%s has a sample of %s', (tool, event) =>
  expect(
    all.filter((one) => one.told.tool === tool && (event === null || one.told.event === event)).length,
    `Give ${tool} one: samples.ts in its folder, and \`samples\` in its tool.ts.`,
  ).toBeGreaterThan(0),
)
test.each(all.map((one) => [one.id, one.told] as const))('%s is an event of its tool', (_, told) => {
  const form = tools[told.tool]!.events[told.event]
  expect(form).toBeDefined()
  const fields = { ...form!.fields, ...tools[told.tool]!.settings }
  expect(
    Object.keys(told.fields).filter((field) => !Object.hasOwn(fields, field) && !field.startsWith('data.')),
  ).toEqual([])
  expect(told.subject.title).not.toBe('')
})
test('each has a name of its own', () => expect(new Set(all.map((one) => one.id)).size).toBe(all.length))

test('no sample of Slack shows an id where people know a name', () => {
  const shown = allSamples()
    .filter(({ told }) => told.tool === 'slack')
    .map(({ told }) => [told.subject.label, told.subject.title, told.text].join(' '))
  expect(shown.length).toBeGreaterThan(3)
  expect(shown.join(' ')).not.toMatch(/U0VIEWPORT|C024BE91L/)
})
