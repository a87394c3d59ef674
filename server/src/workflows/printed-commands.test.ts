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

const commandsIn = (here: World, text = source): string[] => {
  const result = compileWorkflow(text, 'w.yaml')
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

const narrow = commandsIn(
  {
    ...world,
    connections: [
      { tool: 'jira', name: 'Our Jira', held: false, settings: { projects: 'PAY' }, account: null, places: {} },
    ],
  },
  'name: w\nrepos: [acme/api]\ntrigger: { jira: { event: issue_created, project: OPS } }\n',
)

test('a connection that lets in too little comes with what it lets in besides', () =>
  expect(narrow).toContain('viewport connections change "Our Jira" --set "projects=PAY, OPS"'))

test('what is missing comes with commands', () => {
  expect(empty.map((one) => one.split(' ').slice(1, 3).join(' '))).toEqual(
    expect.arrayContaining(['repositories add', 'teams add', 'people add', 'sources add']),
  )
  expect(nobodyInTeams.filter((one) => one.includes('--team core'))).toHaveLength(1)
})

test.each([...new Set([...empty, ...nobodyInTeams, ...narrow])])('%s', (command) => expectTaken(wordsOf(command)))
