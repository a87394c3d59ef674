/** What webhooks of GitLab say, and how they are judged at the door. */
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { headOf } from '@viewportai/core/match/head'
import type { Connection, Said } from '../port.ts'
import { commandContract } from '../testing/commands.ts'
import { readingContract, saidIn } from '../testing/contract.ts'
import { triggerEvent } from '../trigger-event.ts'
import { assignedIn, isReadied } from './poll-found.ts'
import { deliveries, issue, mr, project, sam, samples, told } from './testing/samples.ts'
import { gitlab } from './tool.ts'

const settings = { base: 'https://gitlab.com' }
const connection = { id: 'con_1', name: 'gitlab', settings, account: null }

readingContract({
  tool: gitlab,
  name: 'gitlab',
  connection,
  samples,
  // Files of a merge request are in no webhook: they are fetched before it starts something.
  silent: Object.fromEntries(
    Object.keys(samples)
      .filter((event) => event.startsWith('mr_'))
      .map((event) => [event, ['paths']]),
  ),
  unknown: deliveries({ ...told.opened, object_kind: 'wiki_page' })[0]!,
})

const said = (one: object, found?: object): Said =>
  saidIn(gitlab.read({ ...deliveries(one)[0]!, ...(found ? { again: found } : {}) }, connection))

commandContract({
  comment: (text, now) => {
    const { object_attributes: own, ...rest } = told.commented as { object_attributes: object }
    const at = '2026-11-29T10:06:40.000Z'
    const note = { id: 1241, body: now, author: sam, created_at: at, updated_at: at }
    const again =
      now === undefined
        ? {}
        : { again: { thing: { ...issue, author: sam, labels: ['bug'], web_url: issue.url, milestone: null }, note } }
    const [one] = deliveries({ ...rest, object_attributes: { ...own, note: text } })
    return gitlab.read({ ...one!, ...again }, connection)
  },
})

test('files that were not fetched are not known, and of a push only where all its commits are told', () => {
  expect(said(told.mrOpened).fields['paths']).toBeUndefined()
  expect(said(told.mrOpened, { paths: [] }).fields['paths']).toEqual([])
  const whole = { ...told.push, total_commits_count: (told.push as { commits: unknown[] }).commits.length }
  expect(said(whole).fields['paths']).not.toEqual([])
  expect(said(whole).fields['paths']).toBeDefined()
  expect(said({ ...whole, total_commits_count: 21 }).fields['paths']).toBeUndefined()
})

test('one change is several events, each with its own name', () => {
  const all = deliveries(told.everything).map((one) => saidIn(gitlab.read(one, connection)))
  expect(all.map(({ event, fields }) => [event, fields['assignee'] ?? fields['label']])).toEqual([
    ['issue_assigned', 'kim'],
    ['issue_labeled', 'bug'],
    ['issue_labeled', 'agent'],
  ])
  expect(new Set(all.map(({ id }) => id)).size).toBe(3)
})

test('a merge request is ready only where it was a draft before, and only GitLab’s own words say so', () => {
  const changed = (draft: object | undefined) =>
    deliveries({ ...told.mrReady, changes: { draft } }).map(({ part }) => part)
  expect(changed({ previous: true, current: false })).toEqual(['ready'])
  for (const draft of [undefined, {}, { previous: false, current: true }, { previous: null, current: false }])
    expect(changed(draft)).toEqual([null])
  expect(isReadied('marked this merge request as **ready**')).toBe(true)
  expect(isReadied('marked this merge request as **draft**')).toBe(false)
  expect(isReadied('marked this merge request as **ready**, or so it says')).toBe(false)
})

test('a comment is read with its command; a note of GitLab’s own and an edited one start nothing', () => {
  expect(said(told.commented)).toMatchObject({
    event: 'issue_comment',
    fields: { command: 'fix' },
    subject: { ref: 'acme/shop#23' },
  })
  for (const attributes of [{ system: true }, { action: 'update' }]) {
    const { object_attributes: own, ...rest } = told.commented as { object_attributes: object }
    expect(deliveries({ ...rest, object_attributes: { ...own, ...attributes } }).map(({ part }) => part)).toEqual([
      null,
    ])
  }
})

test('a failed pipeline names the job that failed first and may not, and a merged one says so', () => {
  expect(said(told.pipeline).fields).toEqual({
    repo: 'acme/shop',
    branch: 'main',
    job: 'unit',
    stage: 'test',
    fork: false,
  })
  expect(said(told.mrMerged).fields['merged']).toBe(true)
  expect(said({ ...told.mrMerged, object_attributes: { ...mr, action: 'close' } }).fields['merged']).toBe(false)
})

describe('who it is', () => {
  const rest = { ...issue, author: sam, labels: ['bug'], web_url: issue.url, milestone: { title: '1.0' } }
  const people = (of: object) => ({ thing: rest, editors: [], people: of })
  const trust = (found: object | undefined, account: string | null = null) =>
    triggerEvent(said(told.labeled, found), { tool: 'gitlab', account: null, receivedAt: 1 }, (id) =>
      id === account ? { person: 'usr_1', name: 'Sam', teams: [] } : null,
    )
  test.each([
    ['nobody was asked', undefined, 'unknown'],
    ['a developer', people({ 2: { bot: false, level: 30 } }), 'collaborator'],
    ['a reporter', people({ 2: { bot: false, level: 20 } }), 'outsider'],
    ['nobody of the project', people({ 2: { bot: false, level: 0 } }), 'outsider'],
    ['a token’s account, whatever its level', people({ 2: { bot: true, level: 40 } }), 'bot'],
  ])('%s', (_who, found, expected) => expect(trust(found).actor.trust).toBe(expected))
  test('a linked account is a member, and its text is inside text only when nobody else wrote in it', () => {
    const found = people({ 2: { bot: false, level: 30 } })
    expect([trust(found, 'gitlab:2').actor.trust, trust(found, 'gitlab:2').outsideText]).toEqual(['member', false])
    expect(trust({ ...found, editors: [{ id: 9, username: 'eve' }] }, 'gitlab:2').outsideText).toBe(true)
    expect(trust({ ...found, editors: [null] }, 'gitlab:2').outsideText).toBe(true)
    expect(trust({ ...found, thing: { ...rest, description: 'changed since' } }, 'gitlab:2').outsideText).toBe(true)
    expect(trust(undefined, 'gitlab:2').outsideText).toBe(true)
  })
  test('a label of a member on a stranger’s issue is outside text', () =>
    expect(trust({ ...people({}), thing: { ...rest, author: { id: 9, username: 'eve' } } }, 'gitlab:2')).toMatchObject({
      actor: { trust: 'member' },
      outsideText: true,
    }))
  test('a fork’s code is an outsider’s', () => {
    const fork = { ...told.mrOpened, object_attributes: { ...mr, action: 'open', source_project_id: 77 } }
    expect(said(fork)).toMatchObject({
      fields: { fork: true },
      authors: expect.arrayContaining([expect.objectContaining({ id: 'fork', standing: 'outsider' })]),
    })
  })
  const pipelineOf = (ref: string, more: object): Said => {
    const { object_attributes: own, ...rest } = told.pipeline as { object_attributes: object }
    return said({ ...rest, object_attributes: { ...own, ref }, ...more })
  }
  test.each([
    ['of another project', 'main', { merge_request: { ...mr, source_project_id: 77 } }],
    ['of a project that is gone', 'main', { merge_request: { ...mr, source_project_id: null } }],
    ['that is not told', 'refs/merge-requests/7/head', {}],
  ])('a pipeline for a merge request %s is an outsider’s, also when a member ran it again', (_of, ref, more) => {
    const event = triggerEvent(pipelineOf(ref, more), { tool: 'gitlab', account: null, receivedAt: 1 }, (id) =>
      id === 'gitlab:2' ? { person: 'usr_1', name: 'Sam', teams: [] } : null,
    )
    expect(event.fields['fork']).toBe(true)
    expect([event.actor, event.outsideText]).toMatchObject([
      { id: 'gitlab:2/fork', trust: 'outsider', person: null, teams: [] },
      true,
    ])
    expect(headOf(event, 'acme/shop')).toBeNull()
  })
  test('one for a merge request of the project itself is not', () => {
    const one = pipelineOf('refs/merge-requests/7/head', { merge_request: mr })
    expect([one.fork, one.fields['fork'], one.fields['branch']]).toEqual([false, false, 'topic'])
  })
  test('a marker of ours by somebody else gives nothing', () => {
    const own = {
      ...told.opened,
      object_attributes: { ...issue, action: 'open', description: '<!-- viewport:int_abc-1 -->' },
    }
    expect(said(own).ours).toBe(true)
  })
})

test('two servers count alike: the names of one of somebody’s own begin with its host', () => {
  const own = { ...connection, settings: { base: 'https://gitlab.acme.dev/' } }
  const [one] = deliveries(told.opened)
  expect(saidIn(gitlab.read(one!, own)).id).toBe(`gitlab.acme.dev issue_opened:${project.id}#23`)
  expect([gitlab.accountsAt!(connection), gitlab.accountsAt!(own)]).toEqual([null, 'gitlab.acme.dev'])
})

test.each([
  ['assigned to @kim', ['kim']],
  ['assigned to @kim and @sam.lee', ['kim', 'sam.lee']],
  ['assigned to @kim, @sam and unassigned @lee', ['kim', 'sam']],
  ['assigned to @kim and unassigned @lee', ['kim']],
  ['unassigned @kim', []],
  ['see assigned to @kim', []],
])('%s: %j', (body, names) => expect(assignedIn(body)).toEqual(names))

describe('at the door', () => {
  const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
  const held: Connection = { ...connection, workspace: 'ws_1', secrets: { token: 't', webhook_secret: secret } }
  const body = Buffer.from(JSON.stringify(told.opened))
  const now = 1_764_410_000_000
  const signature = (id: string, at: number, of = body, key = Buffer.alloc(32, 7)): string =>
    `v1,${createHmac('sha256', key)
      .update(`${id}.${at}.${of.toString('utf8')}`)
      .digest('base64')}`
  const signed = (more: Record<string, string> = {}, at = now / 1_000) => ({
    'webhook-id': 'id-1',
    'webhook-timestamp': String(at),
    'webhook-signature': signature('id-1', at),
    ...more,
  })
  const take = (headers: Record<string, string>, of = held) =>
    gitlab.hook!.take({ headers, body, at: now, query: '' }, of)
  test.each([
    ['signed', signed(), { id: 'id-1', parts: ['opened', 'labeled:0', 'labeled:1'] }],
    ['with its secret alone', { 'x-gitlab-token': secret, 'idempotency-key': 'id-2' }, { id: 'id-2' }],
    [
      'with its secret alone, of an old server',
      { 'x-gitlab-token': secret },
      { id: expect.stringMatching(/^[0-9a-f]{64}$/) },
    ],
    [
      'signed with another key',
      signed({ 'webhook-signature': signature('id-1', now / 1_000, body, Buffer.alloc(32, 8)) }),
      { refusal: 'signature_invalid' },
    ],
    [
      'signed of another body',
      signed({ 'webhook-signature': signature('id-1', now / 1_000, Buffer.from('{}')) }),
      { refusal: 'signature_invalid' },
    ],
    ['signed of another id', signed({ 'webhook-id': 'id-9' }), { refusal: 'signature_invalid' }],
    ['signed six minutes ago', signed({}, now / 1_000 - 360), { refusal: 'delivery_stale' }],
    [
      'signed wrongly, with the right secret beside it',
      signed({ 'webhook-signature': 'v1,x', 'x-gitlab-token': secret }),
      { refusal: 'signature_invalid' },
    ],
    ['with a part of the secret', { 'x-gitlab-token': secret.slice(0, -1) }, { refusal: 'signature_invalid' }],
    ['with nothing', {}, { refusal: 'signature_invalid' }],
    ['with an id that is none', { 'x-gitlab-token': secret, 'idempotency-key': 'a b' }, { refusal: 'invalid' }],
  ])('one %s', (_how, headers, expected) => expect(take(headers as Record<string, string>)).toMatchObject(expected))
  test('a secret that is no signing key is said to be none', () =>
    expect(take(signed(), { ...held, secrets: { webhook_secret: 'a-plain-secret-of-ours' } })).toMatchObject({
      refusal: 'signature_invalid',
      words: expect.stringContaining('no signing token'),
    }))
})
