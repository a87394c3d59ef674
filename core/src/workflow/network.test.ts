/** Can a workflow say which hosts its steps reach, and does everything that is made of it say the same? */
import { expect, test } from 'vitest'
import { workflowDigest } from './digest.ts'
import { summarize } from './summary.ts'
import { compiled, errorLines } from './testing/examples.ts'

const of = (network: string, more = '') =>
  compiled(`name: w\nrepos: acme/api\n${more}${network === '' ? '' : `network: ${network}\n`}`)
const reaches = (network: string): string[] =>
  summarize(of(network))
    .flatMap(({ lines }) => lines.map(({ text }) => text))
    .filter((text) => text.includes(' reach '))

test('hosts of agents and of checks, sorted and once each; a sandbox is needed to hold them', () => {
  expect(
    of('{ agents: api.example.com, checks: [registries, "*.b.example", a.example:8443, registries] }'),
  ).toMatchObject({
    network: { agents: ['api.example.com'], checks: ['*.b.example', 'a.example:8443', 'registries'] },
    runner: { isolation: 'sandbox' },
  })
  expect(of('{ agents: [] }')).toMatchObject({ network: { agents: [] }, runner: { isolation: 'sandbox' } })
  expect(of('{ agents: [] }', 'runner: { isolation: container }\n').runner.isolation).toBe('container')
  expect(of('{ agents: [] }', 'runner: secure\n').runner).toEqual({
    pool: 'secure',
    isolation: 'sandbox',
    requires: [],
  })
})

test('without it nothing about a workflow is another, its digest least of all', () => {
  for (const empty of ['', '{}']) {
    expect(of(empty)).not.toHaveProperty('network')
    expect(of(empty).runner.isolation).toBeNull()
    expect(reaches(empty)).toEqual([])
  }
  expect(workflowDigest(of('{ agents: [] }'))).not.toBe(workflowDigest(of('')))
  expect(workflowDigest(of('{ agents: [a.example] }'))).not.toBe(workflowDigest(of('{ agents: [b.example] }')))
  expect(workflowDigest(of('{ checks: [a.example] }'))).not.toBe(workflowDigest(of('{ agents: [a.example] }')))
})

test('the summary says who reaches what', () => {
  expect(reaches('{ agents: [], checks: [registries, a.example] }')).toEqual([
    'Agents reach no host.',
    'Checks reach a.example, registries, if the runner allows it, and no other host.',
  ])
  expect(reaches('{ checks: [] }')).toEqual(['Agents reach the hosts that the runner allows.', 'Checks reach no host.'])
})

test.each([
  ['network: { agents: ["https://a.example"] }', /^3:21 wrong_value .*a host, such as/],
  ['network: { agents: ["*"] }', /^3:21 wrong_value/],
  ['network: { agents: open }\nrunner: { isolation: user }', /^4:22 contradiction .*isolation: user. reach all/],
  ['network: { checks: [] }\nrunner: { isolation: none }', /^4:22 contradiction/],
  ['network: { agnts: [] }', /^3:12 unknown_key/],
  ['network: open', /^3:10 unknown_word/],
])('%s is a mistake, at its place', (lines, said) =>
  expect(errorLines(`name: w\nrepos: acme/api\n${lines}\n`)[0]).toMatch(said),
)
