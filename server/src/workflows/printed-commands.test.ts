// Is every command that readiness tells a person to run one that `viewport` takes?
import { expect, test } from 'vitest'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { expectTaken } from '../../test/taken-words.ts'
import { readiness } from './readiness.ts'
import type { World } from './world.ts'

const world: World = {
  repositories: [],
  runners: [],
  people: [],
  teams: [],
  sources: [],
  connections: [],
  address: null,
  defaultPool: 'local',
  agents: {},
  bodies: 'edge',
  sample: false,
}
const source = `
name: everything-missing
team: core
trigger:
  - manual: {}
  - webhook: { source: Bug tracker, type: bug.reported }
repos: [acme/api]
approvals: [{ plan_review: { approvers: [team:payments, user:dana] } }, pr_approval]
`

const commandsIn = (here: World): string[] => {
  const result = compileWorkflow(source, 'w.yaml')
  if (!result.ok) throw new Error(result.errors.map((one) => one.message).join('\n'))
  return readiness(result.compiled, here).missing.flatMap(({ fix }) =>
    fix.command?.startsWith('viewport ') ? [fix.command] : [],
  )
}
const wordsOf = (command: string): string[] =>
  [...command.matchAll(/"([^"]*)"|(\S+)/g)].slice(1).map(([, quoted, bare]) => quoted ?? bare!)

const empty = commandsIn(world)
const nobodyInTeams = commandsIn({
  ...world,
  teams: ['core', 'payments'].map((slug) => ({ id: `team_${slug}`, slug, name: slug, members: [] })),
})

test('what is missing comes with commands', () => {
  expect(empty.map((one) => one.split(' ').slice(1, 3).join(' '))).toEqual(
    expect.arrayContaining(['repositories add', 'teams add', 'people add', 'sources add']),
  )
  expect(nobodyInTeams.filter((one) => one.includes('--team core'))).toHaveLength(1)
})

test.each([...new Set([...empty, ...nobodyInTeams])])('%s', (command) => expectTaken(wordsOf(command)))
