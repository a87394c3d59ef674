/** Can a workflow say how often its actions may be done, and does everything that is made of it say the same? */
import { expect, test } from 'vitest'
import { actionNames } from '../action/actions.ts'
import { capOf, isCapped } from '../action/caps.ts'
import { workflowDigest } from './digest.ts'
import { summarize } from './summary.ts'
import { compiled, errorLines } from './testing/examples.ts'

const of = (caps: string) =>
  compiled(
    `name: w\nrepos: acme/api\ntrigger: github.issue_opened\nactions: [git.open_change, github.comment, webhook.send: { to: ops }]\n${caps === '' ? '' : `caps: ${caps}\n`}`,
  )
const stopsAt = (caps: string) =>
  summarize(of(caps))
    .find(({ key }) => key === 'stops_at')!
    .lines.filter(({ text }) => text.includes(' in one run'))

test('a number is for one run; each action has its own', () => {
  const { caps } = of('{ webhook.send: { hour: 5 }, github.comment: 3 }')
  expect(caps).toEqual({ 'github.comment': { run: 3 }, 'webhook.send': { hour: 5 } })
  expect(capOf({ caps }, 'github.comment')).toEqual({ run: 3, hour: null, isWritten: true })
  expect(capOf({ caps }, 'webhook.send')).toEqual({ run: 10, hour: 5, isWritten: true })
  expect(capOf({ caps }, 'github.open_pr')).toEqual({ run: 3, hour: null, isWritten: false })
  expect(actionNames.filter((name) => !isCapped(name))).toEqual(['git.open_change', 'git.merge'])
})

test('without them nothing about a workflow is another, its digest least of all', () => {
  for (const empty of ['', '{}', '{ github.comment: {} }']) expect(of(empty)).not.toHaveProperty('caps')
  expect(workflowDigest(of('{ github.comment: 3 }'))).not.toBe(workflowDigest(of('')))
  expect(workflowDigest(of('{ github.comment: 3 }'))).not.toBe(workflowDigest(of('{ github.comment: { hour: 3 } }')))
})

test('the summary says how often, also where nothing was written', () => {
  expect(stopsAt('')).toEqual([
    {
      text: 'github.comment, webhook.send: at most 10 times in one run, and in an hour as often as the workspace allows (60 unless it chose otherwise).',
      default: true,
    },
  ])
  expect(stopsAt('{ github.comment: { run: 0, hour: 1 } }')).toEqual([
    { text: 'github.comment: never in one run, and at most once in an hour by this workflow.', default: false },
    expect.objectContaining({ text: expect.stringMatching(/^webhook.send: at most 10 times/), default: true }),
  ])
})

test.each([
  ['{ github.coment: 3 }', /github\.comment/],
  ['{ github.comment: -1 }', /a whole number from 0 to 10000/],
  ['{ github.comment: { day: 1 } }', /day/],
  ['{ github.comment: many }', /how often/],
  ['[github.comment]', /how often|actions with/],
])('%s is refused in words', (caps, words) => {
  const lines = errorLines(`name: w\nrepos: acme/api\ncaps: ${caps}\n`)
  expect(lines.join('\n')).toMatch(words)
})
