import { expect, test } from 'vitest'
import { compileWorkflow } from '../workflow/compile.ts'
import { isTryName, keptSource, tryName, workflowName, workflowSource } from './workflow-source.ts'

test('the workflow of a try compiles, whatever the names are', () => {
  const source = workflowSource({
    name: workflowName('try-My Repo_2'),
    team: 'core',
    repository: 'acme/My.Repo_2',
    branch: 'feature/#1',
    agent: 'claude',
    pool: 'local',
    checks: [],
    mayRun: ['npm test', 'sh -c "rm *"'],
    budgetUsd: 2.5,
    description: 'A task: "by hand".',
  })
  const compiled = compileWorkflow(source, 'try.workflow.yaml')
  expect(compiled).toMatchObject({ ok: true, compiled: { name: 'try-my-repo-2' } })
  expect(source).not.toContain('rm *')
  expect(source).toMatch(/allow:\n +- npm test/)
})

test('a try is known by its name, and kept with the same steps under another one', () => {
  expect(tryName('acme/My.Repo_2')).toBe('try-my-repo-2')
  expect(isTryName(tryName('acme/api'))).toBe(true)
  expect(isTryName('retry-payments')).toBe(false)
  const tried = workflowSource({
    name: tryName('acme/api'),
    team: 'core',
    repository: 'acme/api',
    branch: 'main',
    agent: 'claude',
    pool: 'local',
    checks: ['make "very long and quoted" so that no line may be folded anywhere in the middle of a command at all'],
    mayRun: ['npm test'],
    budgetUsd: 5,
    description: 'A task by hand on acme/api.',
  })
  const kept = keptSource(tried, 'fix-bug', 'acme/api')
  const [before, after] = [tried, kept].map((text) => text.split('\n'))
  expect(after!.filter((line) => !before!.includes(line))).toEqual([
    'name: fix-bug',
    'description: Plan, approve, change, check, approve on acme/api.',
  ])
  expect(compileWorkflow(kept, 'fix-bug.workflow.yaml')).toMatchObject({ ok: true, compiled: { name: 'fix-bug' } })
})
