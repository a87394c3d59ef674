import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { tools } from '../event/tools.ts'
import { parseTemplate } from '../workflow/template.ts'
import { actionForm, actionNames, actions } from './actions.ts'
import { readParams } from './params.ts'

test('the table is consistent', () => {
  for (const [name, form] of Object.entries(actions)) {
    expect(name).toMatch(/^[a-z]+\.[a-z_]+$/)
    expect(name.startsWith(`${form.tool}.`)).toBe(true)
    if (form.tool !== 'git') expect(Object.keys(tools)).toContain(form.tool)
    // The keys of a step may not be the names of parameters.
    for (const key of ['id', 'needs', 'of', 'action', 'approvers']) expect(form.params).not.toHaveProperty(key)
    for (const param of Object.values(form.params))
      if (typeof param.default === 'string') expect(parseTemplate(param.default).faults).toEqual([])
    if (form.targetParam !== null) expect(form.params).toHaveProperty(form.targetParam)
    if (form.publishes) expect(form.change).toBe(true)
    for (const earlier of form.after) expect(actionNames).toContain(earlier)
    expect(form.perRun).toBeGreaterThan(0)
  }
  for (const name of [
    'git.open_change',
    'git.merge',
    'github.open_pr',
    'github.comment',
    'slack.comment',
    'linear.comment',
    'linear.transition',
    'jira.comment',
    'jira.create',
    'webhook.send',
    'ci.rerun',
  ])
    expect(actionNames).toContain(name)
  expect([actionForm('git.open_change')?.at, actionForm('github.open_pr')?.at]).toEqual(['runner', 'server'])
})

describe('parameters right before an effect', () => {
  test.each<[string, unknown, boolean | RegExp]>([
    ['git.open_change', { title: 'x', repo: 'a' }, true],
    ['git.open_change', {}, true],
    ['git.merge', { method: 'merge' }, true],
    ['git.merge', { method: 'squash' }, /git.merge.method/],
    ['slack.message', { channel: '#x', text: 'y' }, true],
    ['slack.message', { channel: '#x' }, /slack.message.text/],
    ['slack.message', { channel: '#x', text: '' }, /slack.message.text/],
    ['slack.message', { channel: '#x', text: 'y', token: 'z' }, /slack.message/],
    ['webhook.send', { to: 'ops', data: { a: [1, null, { b: 'c' }] } }, true],
    ['webhook.send', { to: 'ops', data: { a: Number.NaN } }, /webhook.send/],
    ['nope.nope', {}, /there is no action nope.nope/],
    ['constructor', {}, /there is no action constructor/],
    ['__proto__', {}, /there is no action/],
    ['git.merge', null, /git.merge/],
    ['git.merge', [], /git.merge/],
  ])('%s %j: %s', (name, params, expected) => {
    const read = readParams(name, params)
    if (expected === true) expect(read).toEqual({ ok: true, params })
    else expect(read).toEqual({ ok: false, why: expect.stringMatching(expected as RegExp) })
  })
  test('any parameters at all are read or refused', () =>
    fc.assert(
      fc.property(fc.constantFrom(...actionNames), fc.anything(), (name, params) => void readParams(name, params)),
      { numRuns: 1_000 },
    ))
})
