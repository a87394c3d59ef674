// Every tool whose events can start something gives samples, and its own reader reads them with the fields of the language.
import { expect, test } from 'vitest'
import { tools } from '@viewportai/core/event/tools'
import { toolNamed, toolNames } from '../tools/table.ts'
import { allSamples } from './samples.ts'

const all = allSamples()
const heard = toolNames.filter((name) => Object.hasOwn(tools, name) && toolNamed(name)!.hook !== null)

test.each([...heard, 'webhook', 'schedule', 'manual', 'api'])('%s has a sample', (tool) =>
  expect(
    all.filter((one) => one.told.tool === tool).length,
    `Give ${tool} some: samples.ts in its folder, and \`samples\` in its tool.ts.`,
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
