import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { tools } from '@viewportai/core/event/tools'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { notYet } from './not-yet.ts'

const doc = readFileSync(new URL('../../../docs/workflow.md', import.meta.url), 'utf8')
const [, list = ''] = /Valid, and not ready in this version of Viewport:\n\n((?:- .*\n)+)/.exec(doc) ?? []
const listed = list
  .trim()
  .split('\n')
  .flatMap((line) => [...line.split(':')[0]!.matchAll(/`([^`]+)`/g)].map(([, word]) => word!))

const missing = (source: string) => {
  const result = compileWorkflow(`name: x\nrepos: acme/api\n${source}\n`)
  if (!result.ok) throw new Error(result.errors.map(({ message }) => message).join('\n'))
  return notYet.flatMap((one) => one.missing(result.compiled).map(({ kind, name }) => `${one.word}: ${kind} ${name}`))
}

test('docs/workflow.md lists what readiness refuses for being of a later version, and nothing else', () => {
  expect(listed).toEqual(notYet.map(({ word }) => word))
})

test.each<[word: string, source: string, missing: string]>([
  ['remember', 'steps: [plan, { remember: "what came of it" }]', 'action remember'],
  ['history', 'context: { history: same-ticket }', 'context history'],
  ['on-call', 'approvals: [pr_approval: { approvers: [on-call, "on-call:db"] }]', 'connection on-call'],
  ['codeowners', 'approvals: [pr_approval: { approvers: codeowners }]', 'people codeowners'],
])('%s compiles and is not ready', (word, source, name) => {
  expect(missing(source)).toContain(`${word}: ${name}`)
  expect(missing(source).every((one) => one.startsWith(`${word}:`))).toBe(true)
})

test('every word has its example here; what is built in is no connection', () => {
  expect(
    missing(
      'trigger: [manual, api, webhook: { type: bug }, schedule: { cron: "0 6 * * 1" }]\nactions: [git.open_change, git.merge]',
    ),
  ).toEqual([])
  expect(notYet.map(({ word }) => word).filter((word) => tools[word]?.builtIn)).toEqual([])
})
