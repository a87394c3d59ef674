import { describe, expect, it } from 'vitest'
import fc from 'fast-check'
import type { TriggerEvent } from '../event/trigger-event.ts'
import { headOf, isHead } from './head.ts'

const event = (tool: string, fields: TriggerEvent['fields']): TriggerEvent => ({
  tool,
  event: 'pr_opened',
  id: '1',
  at: 1,
  actor: { id: 'x', name: 'x', trust: 'member', person: null, teams: [] },
  subject: { label: 'acme/api#7', title: 'Fix', url: null },
  fields,
  text: '',
  outsideText: false,
})

describe('the branch or pull request an event is about', () => {
  it.each<[string, TriggerEvent['fields'], ReturnType<typeof headOf>]>([
    ['github', { repo: 'acme/api', branch: 'fix/x', number: 7, fork: false }, { ref: 'refs/heads/fix/x', fork: false }],
    ['github', { repo: 'Acme/API', branch: 'fix', number: 7, fork: true }, { ref: 'refs/pull/7/head', fork: true }],
    [
      'gitlab',
      { repo: 'acme/api', branch: 'fix', number: 7, fork: true },
      { ref: 'refs/merge-requests/7/head', fork: true },
    ],
    ['ci', { repo: 'acme/api', branch: 'main' }, { ref: 'refs/heads/main', fork: false }],
    // Another repository, or nothing that a ref could be made of.
    ['github', { repo: 'acme/other', branch: 'main' }, null],
    ['github', { repo: 'acme/api', number: 7 }, null],
    ['github', { repo: 'acme/api', branch: 'fix', fork: true }, null],
    ['github', { repo: 'acme/api', branch: 'fix', fork: true, number: -7 }, null],
    ['github', { repo: 'acme/api', branch: 'fix', fork: true, number: 0 }, null],
    ['github', { repo: 'acme/api', branch: 'fix', fork: true, number: 12345678901 }, null],
    ['constructor', { repo: 'acme/api', branch: 'fix', fork: true, number: 7 }, null],
    ['linear', { repo: 'acme/api', branch: 'fix', fork: true, number: 7 }, null],
    ['github', { repo: 'acme/api', branch: '--upload-pack=x' }, null],
    ['github', { repo: 'acme/api', branch: 'a..b' }, null],
    ['github', { repo: 'acme/api', branch: ['main'] }, null],
    ['manual', {}, null],
  ])('%s %j', (tool, fields, expected) => expect(headOf(event(tool, fields), 'acme/api')).toEqual(expected))

  it('is always a ref that an event can be about, whatever the fields hold', () =>
    fc.assert(
      fc.property(fc.string(), fc.anything(), fc.boolean(), (branch, number, fork) => {
        const head = headOf(event('github', { repo: 'acme/api', branch, number: number as never, fork }), 'acme/api')
        if (head) expect(isHead(head.ref)).toBe(true)
      }),
    ))

  it.each(['refs/tags/v1', 'refs/pull/7/merge', 'refs/pull/07/head', 'refs/heads/-x', 'main', 'HEAD', ''])(
    '%j is no such ref',
    (ref) => expect(isHead(ref)).toBe(false),
  )
})
