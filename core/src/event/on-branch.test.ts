import { describe, expect, test } from 'vitest'
import { onBranch, toldBy } from './on-branch.ts'
import { tools } from './tools.ts'
import type { TriggerEvent } from './trigger-event.ts'

const event = (tool: string, name: string, fields: TriggerEvent['fields'], ref?: string): TriggerEvent => ({
  tool,
  event: name,
  id: 'x',
  at: 0,
  actor: { id: 'github:1', name: 'sam', trust: 'member', person: 'usr_1', teams: [] },
  subject: { label: 'x', title: 'x', url: null, ...(ref !== undefined && { ref }) },
  fields,
  text: '',
  outsideText: false,
})
const commit = 'a'.repeat(40)

test('of every event that tells a branch it is said whether a machine tells it', () => {
  const withBranch = Object.entries(tools).flatMap(([tool, form]) =>
    Object.entries(form.events).flatMap(([name, { fields }]) =>
      Object.hasOwn(fields, 'branch') ? [`${tool}.${name}`] : [],
    ),
  )
  const said = Object.entries(toldBy).flatMap(([tool, events]) => Object.keys(events).map((name) => `${tool}.${name}`))
  expect(withBranch.length).toBeGreaterThan(15)
  expect(said.toSorted()).toEqual(withBranch.toSorted())
})

describe('the branch that a machine tells of', () => {
  test.each([
    [
      'github',
      'check_failed',
      { repo: 'acme/shop', branch: 'vp/x-abc123' },
      `acme/shop@${commit}`,
      'refs/heads/vp/x-abc123',
      commit,
    ],
    ['github', 'push', { repo: 'acme/shop', branch: 'main' }, undefined, 'refs/heads/main', null],
    ['github', 'check_failed', { repo: 'acme/shop', branch: null }, `acme/shop@${commit}`, null, commit],
    [
      'github',
      'pr_updated',
      { repo: 'acme/shop', branch: 'vp/x-abc123', fork: false },
      'acme/shop#1',
      'refs/heads/vp/x-abc123',
      null,
    ],
    [
      'ci',
      'build_failed',
      { repo: 'acme/shop', branch: 'main', fork: false },
      `acme/shop@${commit} build 7 attempt 1`,
      'refs/heads/main',
      commit,
    ],
    ['gitlab', 'pipeline_failed', { repo: 'a/b/c', branch: 'main' }, `a/b/c@${commit}`, 'refs/heads/main', commit],
  ] as const)('%s %s', (tool, name, fields, ref, branch, at) => {
    expect(onBranch(event(tool, name, fields, ref))).toEqual({ repo: fields.repo, ref: branch, commit: at, pull: null })
  })

  test('is none where a build system says the number of a pull request; a forge that calls a branch so means a branch', () => {
    const fields = { repo: 'acme/shop', branch: '7/merge' }
    const told = { repo: 'acme/shop', commit }
    const ref = `acme/shop@${commit}`
    expect(onBranch(event('ci', 'build_failed', fields, ref))).toEqual({
      ...told,
      ref: null,
      pull: { mark: '#', number: 7 },
    })
    expect(onBranch(event('github', 'check_failed', fields, ref))).toEqual({
      ...told,
      ref: 'refs/heads/7/merge',
      pull: null,
    })
  })

  test.each([
    ['of a fork', 'ci', 'build_failed', { repo: 'acme/shop', branch: 'main', fork: true }],
    ['of a pull request that somebody labelled', 'github', 'pr_labeled', { repo: 'acme/shop', branch: 'main' }],
    ['of no repository', 'github', 'push', { branch: 'main' }],
    ['of neither branch nor commit', 'github', 'check_failed', { repo: 'acme/shop', branch: '' }],
    ['of a webhook that says the same', 'webhook', 'received', { repo: 'acme/shop', branch: 'main' }],
    ['of a name that every object has', 'constructor', 'name', { repo: 'acme/shop', branch: 'main' }],
  ] as const)('none %s', (_, tool, name, fields) => {
    expect(onBranch(event(tool, name, fields, 'acme/shop#1'))).toBeNull()
  })
})
