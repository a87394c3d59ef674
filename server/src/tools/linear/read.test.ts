/** Webhooks in Linear's documented form: what they tell of, by whom, and whether they are genuine. */
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { commandContract } from '../testing/commands.ts'
import { readingContract, saidIn } from '../testing/contract.ts'
import { triggerEvent } from '../trigger-event.ts'
import type { Connection, Said, StoredDelivery } from '../port.ts'
import { allEditorsIn } from './again.ts'
import type { Told } from '@viewportai/core/tools/linear/ask'
import { deliveries, issue, payload, samples, told } from './testing/samples.ts'
import { linear } from './tool.ts'

const connection = { id: 'con_1', name: 'linear', settings: {}, account: null }
const all = (one: object) => deliveries(one).map((delivery) => saidIn(linear.read(delivery, connection)))

readingContract({
  tool: linear,
  name: 'linear',
  connection,
  samples,
  silent: {},
  unknown: deliveries(payload({ type: 'Reaction', action: 'create' }))[0]!,
})

commandContract({
  comment: (body, now) => {
    const { data, ...rest } = told.commented as { data: { id: string } }
    const again = now === undefined ? {} : { again: { issue, comment: { id: data.id, body: now } } }
    return linear.read({ ...deliveries({ ...rest, data: { ...data, body } })[0]!, ...again }, connection)
  },
})

test('one delivery may tell of several things, each by its own name', () => {
  expect(all(told.everything).map((said) => [said.event, said.fields['label'] ?? null])).toEqual([
    ['issue_assigned', null],
    ['issue_labeled', 'bug'],
    ['issue_labeled', 'agent'],
    ['issue_moved', null],
  ])
  expect(all(told.created).map((said) => said.event)).toEqual([
    'issue_created',
    'issue_assigned',
    'issue_labeled',
    'issue_labeled',
  ])
})

test('all of an issue can be matched on', () =>
  expect(all(told.assigned)[0]).toMatchObject({
    event: 'issue_assigned',
    actor: { id: 'd4f8a2c1-6e9b-4d3a-8f1c-2b7e5a9d4c6f', name: 'Sam' },
    subject: { label: 'PAY-1842', title: 'Charged twice', ref: issue.id, url: issue.url },
    text: 'One cent too much.',
    fields: {
      team: 'Payments',
      project: 'Checkout',
      key: 'PAY-1842',
      labels: ['bug', 'agent'],
      status: 'In Progress',
      status_type: 'started',
      priority: 2,
      estimate: 3,
      assignee: 'Kim',
      creator: 'Sam',
      cycle: 'Cycle 42',
    },
  }))

test.each(['assigned', 'labeled', 'moved'] as const)('%s by a guest a moment before is another event', (what) => {
  const names = (actor: object | null): string[] => {
    const { id, also = [] } = all({ ...told[what], actor })[0]!
    return [id, ...also]
  }
  const shared = (a: object | null, b: object | null) => names(a).filter((name) => names(b).includes(name))
  const [sam, guest] = [{ id: 'sam' }, { id: 'guest' }]
  expect(shared(sam, guest)).toEqual([])
  expect(shared(sam, null)).toEqual([])
  expect(shared(sam, sam)).not.toEqual([])
  // A webhook and an answer call a program by different ids.
  expect(shared({ id: 'b', type: 'OauthClient' }, { id: 'bot', app: true })).not.toEqual([])
})

describe('what is no news', () => {
  test.each([
    ['a title that changed', { updatedFrom: { title: 'Old' } }],
    ['an assignee taken away', { updatedFrom: { assigneeId: 'x' }, data: { ...issue, assigneeId: null } }],
    ['a label taken away', { updatedFrom: { labelIds: [...issue.labelIds, 'x'] } }],
    [
      'values that were the same before',
      { updatedFrom: { assigneeId: issue.assigneeId, stateId: issue.stateId, labels: issue.labels } },
    ],
    ['a comment that was edited', { type: 'Comment' }],
    ['an issue that was removed', { action: 'remove' }],
  ])('%s is ignored in words', (_what, more) => {
    const [one] = deliveries(payload(more))
    expect(linear.read(one!, connection)).toEqual({ ignored: expect.stringContaining('No workflow can listen to') })
  })
})

describe('whose text it is', () => {
  const sam = { id: issue.creatorId, name: 'Sam' }
  const member = (said: Said) =>
    triggerEvent(said, { tool: 'linear', account: { id: 'us', name: 'us' }, receivedAt: 1 }, (id) =>
      id === `linear:${sam.id}` ? { person: 'usr_sam', name: 'Sam', teams: [] } : null,
    )
  const by = (one: object, again?: object) =>
    member(saidIn(linear.read({ ...deliveries(one)[0]!, ...(again === undefined ? {} : { again }) }, connection)))
  const found = (history: Told) => ({ issue, editors: allEditorsIn(history) })
  const end = { hasNextPage: false }

  test('a member alone wrote it, as Linear says now: no outside text', () =>
    expect(
      by(
        told.assigned,
        found({
          nodes: [
            { toTitle: 'x', actor: sam },
            { toTitle: null, actor: null },
          ],
          pageInfo: end,
        }),
      ),
    ).toMatchObject({ actor: { trust: 'member' }, outsideText: false }))
  test('what was not fetched again may hold what anybody wrote', () =>
    expect(by(told.assigned)).toMatchObject({ actor: { trust: 'member' }, outsideText: true }))
  test.each([
    ['a title by nobody', { nodes: [{ toTitle: 'x', actor: null }], pageInfo: end }],
    ['a description by a bot', { nodes: [{ updatedDescription: true, botActor: { id: 'b' } }], pageInfo: end }],
    ['a description by somebody else', { nodes: [{ descriptionUpdatedBy: [{ id: 'eve' }] }], pageInfo: end }],
    ['a history with a next page', { nodes: [], pageInfo: { hasNextPage: true } }],
    ['a history that does not say where it ends', { nodes: [] }],
  ])('%s: outside text', (_what, history) => expect(by(told.assigned, found(history)).outsideText).toBe(true))
  test('a copied link of ours takes rights and gives none', () => {
    const comment = { id: 'c', body: '[Viewport run 1](https://evil.dev/runs/1#int_a-1)', user: sam }
    const again = { ...found({ nodes: [], pageInfo: end }), comment }
    expect(by(told.commented, again).actor.trust).toBe('unknown')
  })
})

describe('who it was', () => {
  const by = (more: object, again?: object) => {
    const [one] = deliveries(payload({ updatedFrom: { assigneeId: null }, ...more }))
    const found = again === undefined ? {} : { again: { issue, ...again } }
    return saidIn(linear.read({ ...one, ...found } as StoredDelivery, connection))
  }
  test.each(['integration', 'OauthClient', 'app'])('an actor of type %s is a bot', (type) =>
    expect(by({ actor: { id: 'b', name: 'Sam', type } }).actor.standing).toBe('bot'),
  )
  test('a member of the organisation ranks as a collaborator once Linear said so; a guest, or somebody unknown, as an outsider', () => {
    const person = { id: 'd4f8a2c1-6e9b-4d3a-8f1c-2b7e5a9d4c6f', name: 'Sam', app: false }
    expect(by({}).actor.standing).toBe('outsider')
    expect(by({}, { actor: { ...person, guest: false } }).actor.standing).toBe('collaborator')
    expect(by({}, { actor: { ...person, guest: true } }).actor.standing).toBe('outsider')
    expect(by({}, { actor: { ...person, guest: false, active: true } }).actor.standing).toBe('collaborator')
    expect(by({}, { actor: { ...person, guest: false, active: false } }).actor.standing).toBe('outsider')
    expect(by({}, { actor: { ...person, app: true, guest: false } }).actor.standing).toBe('bot')
  })
  test('nobody named is unknown', () => expect(by({ actor: null }).actor.standing).toBe('unknown'))
  test('who created it and who wrote in it are authors of its text', () =>
    expect(by({}, { editors: [{ id: 'editor', name: 'Eve', guest: true }] }).authors.map((one) => one.id)).toEqual([
      issue.creatorId,
      'editor',
    ]))
  test('words that Linear passes on from another tool are those of an outsider', () => {
    const [one] = deliveries(
      payload({
        type: 'Comment',
        action: 'create',
        data: { id: 'c', body: 'hi', issueId: issue.id, issue, externalUserId: 'x' },
      }),
    )
    const again = { issue, actor: { id: 'd4f8a2c1-6e9b-4d3a-8f1c-2b7e5a9d4c6f', name: 'Sam', guest: false } }
    const said = saidIn(linear.read({ ...one!, again }, connection))
    expect(said.actor).toMatchObject({ id: 'external:x', standing: 'outsider' })
    expect(said.authors[0]).toEqual(said.actor)
  })
})

test('a comment with our link below it is ours', () => {
  const body = 'Done.\n\n[Viewport run 7](https://viewport.acme.dev/runs/7#int_abcdefghjkmnpqrstvwx-3)'
  const [said] = all(payload({ type: 'Comment', action: 'create', data: { id: 'c', body, issueId: issue.id, issue } }))
  expect(said!.ours).toBe(true)
  expect(all(told.commented)[0]!.ours).toBe(false)
})

test('a team that the connection does not name starts nothing', () =>
  expect(linear.read(samples['issue_moved']!, { ...connection, settings: { teams: 'OPS' } })).toEqual({
    ignored: 'It is about the team Payments, which this connection does not name.',
  }))

describe('a webhook', () => {
  const held: Connection = { ...connection, workspace: 'ws_1', secrets: { key: 'k', signing: 'lin_wh_secret' } }
  const now = 1_764_410_000_000
  const take = (one: object | string, { secret = 'lin_wh_secret', at = now, headers = {}, to = held } = {}) => {
    const body = Buffer.from(typeof one === 'string' ? one : JSON.stringify(one))
    const signature = createHmac('sha256', secret).update(body).digest('hex')
    return linear.hook!.take(
      { headers: { 'linear-signature': signature, 'linear-delivery': 'dlv-1', ...headers }, body, at, query: '' },
      to,
    )
  }
  const fresh = payload({ updatedFrom: { assigneeId: null } }, now)

  test('that is genuine is taken, with what it tells of', () =>
    expect(take(fresh)).toEqual({ id: 'dlv-1', parts: ['assigned'] }))
  test('that nothing can listen to is kept all the same', () =>
    expect(take(payload({ type: 'Reaction' }, now))).toEqual({ id: 'dlv-1' }))
  test.each([
    ['another secret', () => take(fresh, { secret: 'x' }), 'signature_invalid'],
    ['no signature', () => take(fresh, { headers: { 'linear-signature': '' } }), 'signature_invalid'],
    [
      'a signature in capitals',
      () => take(fresh, { headers: { 'linear-signature': 'A'.repeat(64) } }),
      'signature_invalid',
    ],
    ['no secret here', () => take(fresh, { to: { ...held, secrets: { key: 'k' } } }), 'signature_invalid'],
    ['61 seconds of age', () => take(fresh, { at: now + 61_000 }), 'delivery_stale'],
    ['a time ahead', () => take(fresh, { at: now - 61_000 }), 'signature_invalid'],
    ['no time', () => take({ type: 'Issue', action: 'create', data: issue }), 'signature_invalid'],
    ['no id', () => take(fresh, { headers: { 'linear-delivery': '' } }), 'invalid'],
    ['no form', () => take('[]'), 'invalid'],
  ])('with %s is refused', (_what, go, code) => expect(go()).toMatchObject({ refusal: code }))
  test('is judged by its signature before its time', () =>
    expect(take(fresh, { secret: 'x', at: now + 999_000 })).toMatchObject({ refusal: 'signature_invalid' }))
})
