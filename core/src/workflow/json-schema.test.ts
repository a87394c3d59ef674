import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'
import { workflowJsonSchema } from './json-schema.ts'
import { landingPage, landingPageAtLength, longForm } from './testing/examples.ts'

const schema = workflowJsonSchema()
const read = z.fromJSONSchema(schema as never) // a reader made from the schema alone

test.each([landingPage, landingPageAtLength, longForm])('takes what the parser takes', (source) =>
  expect(read.safeParse(parse(source, { merge: true })).success).toBe(true),
)

test.each([
  [{ name: 'w', zebra: 1 }],
  [{ name: 'Not A Name' }],
  [{}],
  [{ name: 'w', trigger: { linear: { event: 'nope' } } }],
  [{ name: 'w', steps: [{ mode: 'fly' }] }],
  [{ name: 'w', actions: ['slack.coment'] }],
  [{ name: 'w', budget: { time: 5 } }],
])('refuses %j', (value) => expect(read.safeParse(value).success).toBe(false))

test('is draft 2020-12, plain JSON, and says what each key is for', () => {
  expect(schema).toMatchObject({
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    additionalProperties: false,
    required: ['name'],
  })
  expect(JSON.parse(JSON.stringify(schema))).toEqual(schema)
  expect(JSON.stringify(schema)).toContain('What starts it.')
  expect(JSON.stringify(schema)).not.toContain('"noun"')
})
