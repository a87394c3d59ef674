/** Webhooks in Jira's documented form: what they tell of, by whom, and whether they are genuine. */
import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { commandContract } from '../testing/commands.ts'
import { readingContract, saidIn } from '../testing/contract.ts'
import { triggerEvent } from '../trigger-event.ts'
import type { Connection, Said } from '../port.ts'
import { allEditorsIn } from './again.ts'
import type { Told } from '@viewportai/core/tools/jira/ask'
import { documentOf, textOf } from '@viewportai/core/tools/jira/document'
import { deliveries, issue, payload, samples, told } from './testing/samples.ts'
import { jira } from './tool.ts'

const connection = { id: 'con_1', name: 'jira', settings: { site: 'https://acme.atlassian.net/' }, account: null }
const all = (one: object) => deliveries(one).map((delivery) => saidIn(jira.read(delivery, connection)))

readingContract({
  tool: jira,
  name: 'jira',
  connection,
  samples,
  silent: {},
  unknown: deliveries(payload({ webhookEvent: 'jira:issue_deleted' }))[0]!,
})

const commented = (body: unknown, now?: unknown, more: object = {}) => {
  const { comment, ...rest } = told.commented as { comment: object }
  const again = now === undefined ? {} : { again: { issue, comment: { ...comment, body: now, ...more } } }
  return jira.read({ ...deliveries({ ...rest, comment: { ...comment, body } })[0]!, ...again }, connection)
}
const fetched = (now?: string) => (now === undefined ? undefined : inDocument(now))
describe('in wiki markup, as webhooks have it', () => {
  commandContract({ comment: (text, now) => commented(inWiki(text), fetched(now)) })
})
describe('in documents, as asking finds it', () => {
  commandContract({ comment: (text, now) => commented(inDocument(text), fetched(now)) })
})

const inWiki = (text: string): string =>
  text
    .replace(/```([^`]*)```/g, '{code:java}$1{code}')
    .replace(/^> /, 'bq. ')
    .replace(/`([^`]+)`/g, '{{$1}}')
    .replace('@dana', '[~accountid:712020:dana]')
    .replace('**', '*')
    .replace('- ', '* ')
const inDocument = (text: string): object => {
  const words = (said: string, ...marks: string[]) => ({
    type: 'text',
    text: said,
    ...(marks.length > 0 && { marks: marks.map((type) => ({ type })) }),
  })
  const [, fenced, quoted, listed, code, bold, link, called, rest] =
    /^(?:```\n([^`]*)\n```|> (.*)|- (.*)|`(.*)`|\*\*(.*)\*\*|\[(.*)\]\(.*\)|@(\w+)(.*))$/s.exec(text) ?? []
  const paragraph = (...content: object[]) => ({ type: 'paragraph', content })
  const block =
    fenced !== undefined
      ? { type: 'codeBlock', content: [words(fenced)] }
      : quoted !== undefined
        ? { type: 'blockquote', content: [paragraph(words(quoted))] }
        : listed !== undefined
          ? { type: 'bulletList', content: [{ type: 'listItem', content: [paragraph(words(listed))] }] }
          : code !== undefined
            ? paragraph(words(code, 'code'))
            : bold !== undefined
              ? paragraph(words(bold, 'strong'))
              : link !== undefined
                ? paragraph(words(link, 'link'))
                : called !== undefined
                  ? paragraph({ type: 'mention', attrs: { id: '1', text: `@${called}` } }, words(rest!))
                  : null
  return {
    type: 'doc',
    version: 1,
    content: block ? [block] : text.split('\n\n').map((part) => paragraph(words(part))),
  }
}

test('a command of Jira: what is set off is none, a line within a paragraph is, and nobody commands in another’s name', () => {
  const command = (...told: Parameters<typeof commented>) => saidIn(commented(...told)).fields['command']
  for (const kind of ['quote', 'noformat', 'panel:title=x']) {
    expect(command(`{${kind}}\n/fix\n{${kind.split(':')[0]!}}`)).toBeNull()
    expect(command(`{${kind}}\n/fix`)).toBeNull()
  }
  expect(command('{quote}no{quote}\n/fix')).toBe('fix')
  const text = (said: string) => ({ type: 'text', text: said })
  const lines = { type: 'paragraph', content: [text('Seen.'), { type: 'hardBreak' }, text('/fix')] }
  const document = { type: 'doc', version: 1, content: [lines] }
  expect(command(document)).toBe('fix')
  for (const type of ['panel', 'expand', 'table'])
    expect(command({ ...document, content: [{ type, content: [lines] }] })).toBeNull()
  for (const odd of [null, {}, [], 7, { content: [null, { type: 'paragraph', content: [null] }] }])
    expect(command(odd)).toBeNull()
  const by = (updateAuthor: object | null) => command('/fix', document, { updateAuthor })
  expect([by(null), by({ accountId: '712020:sam' }), by({ accountId: 'eve' })]).toEqual(['fix', 'fix', null])
})

test('one delivery may tell of several things, each known by the id of the change', () => {
  expect(all(told.everything).map((said) => said.id)).toEqual([
    'issue_assigned:10042:20001',
    'issue_labeled:10042:20001:agent',
    'issue_transitioned:10042:20001',
  ])
  expect(all(told.created).map((said) => [said.event, said.fields['label'] ?? null])).toEqual([
    ['issue_created', null],
    ['issue_assigned', null],
    ['issue_labeled', 'bug'],
    ['issue_labeled', 'agent'],
  ])
})

test('all of an issue can be matched on', () =>
  expect(all(told.transitioned)[0]).toMatchObject({
    actor: { id: '712020:sam', name: 'Sam', standing: 'outsider' },
    subject: { label: 'PAY-42', title: 'Charged twice', ref: '10042', url: 'https://acme.atlassian.net/browse/PAY-42' },
    text: 'One cent too much.',
    fields: {
      project: 'PAY',
      key: 'PAY-42',
      type: 'Bug',
      status: 'In Progress',
      from_status: 'To Do',
      priority: 'High',
      labels: ['bug', 'agent'],
      components: ['checkout'],
      assignee: 'Kim',
      reporter: 'Sam',
      sprint: 'Sprint 7',
    },
  }))

test.each([
  [
    'a title that changed',
    payload({
      webhookEvent: 'jira:issue_updated',
      changelog: { id: '1', items: [{ field: 'summary', toString: 'x' }] },
    }),
  ],
  [
    'an assignee taken away',
    payload({
      webhookEvent: 'jira:issue_updated',
      changelog: { id: '1', items: [{ field: 'assignee', from: 'x', to: null, toString: null }] },
    }),
  ],
  ['a comment that was edited', payload({ webhookEvent: 'comment_updated', comment: { id: '1', body: 'x' } })],
])('%s is no news', (_what, one) =>
  expect(jira.read(deliveries(one)[0]!, connection)).toEqual({
    ignored: expect.stringContaining('No workflow can listen to'),
  }),
)

test('apps are bots; who wrote in it since is an author of its text', () => {
  const bot = { accountId: 'app-1', displayName: 'Sam', accountType: 'app' }
  const [one] = deliveries(payload({ webhookEvent: 'jira:issue_created', user: bot }))
  const said = saidIn(jira.read({ ...one!, again: { issue, editors: [{ accountId: 'eve' }] } }, connection))
  expect(said.actor.standing).toBe('bot')
  expect(said.authors.map(({ id }) => id)).toEqual(['712020:sam', '712020:sam', 'eve'])
})

describe('whose text it is', () => {
  const member = (said: Said) =>
    triggerEvent(said, { tool: 'jira', account: { id: 'us', name: 'us' }, receivedAt: 1 }, (id) =>
      id === 'jira:712020:sam' ? { person: 'usr_sam', name: 'Sam', teams: [] } : null,
    )
  const by = (one: object, again?: object) =>
    member(saidIn(jira.read({ ...deliveries(one)[0]!, ...(again === undefined ? {} : { again }) }, connection)))
  const wrote = (author: object | null) => ({ author, items: [{ field: 'description' }] })
  const { comment } = told.commented as { comment: object }
  const found = (changelog: Told) => ({ issue, comment, editors: allEditorsIn(changelog) })

  test('a member alone wrote it, as Jira says now: no outside text', () =>
    expect(by(told.assigned, found({ total: 0, histories: [] }))).toMatchObject({
      actor: { trust: 'member' },
      outsideText: false,
    }))
  test('what was not fetched again may hold what anybody wrote', () =>
    expect(by(told.assigned)).toMatchObject({ actor: { trust: 'member' }, outsideText: true }))
  test.each([
    ['an edit without an author', { total: 1, histories: [wrote(null)] }],
    ['an edit by somebody else', { total: 1, histories: [wrote({ accountId: 'eve' })] }],
    ['a history with more than came', { total: 101, histories: [] }],
    ['a history that does not say how long it is', { histories: [] }],
  ])('%s: outside text', (_what, changelog) => expect(by(told.assigned, found(changelog)).outsideText).toBe(true))
  test('somebody else rewrote the comment: outside text', () => {
    const again = found({ total: 0, histories: [] })
    expect(by(told.commented, again).outsideText).toBe(false)
    const edited = { ...comment, updateAuthor: { accountId: 'eve' } }
    expect(by(told.commented, { ...again, comment: edited }).outsideText).toBe(true)
  })
  test('a copied link of ours takes rights and gives none', () => {
    const body = documentOf('[Viewport run 1](https://evil.dev/runs/1#int_a-1)')
    const again = { ...found({ total: 0, histories: [] }), comment: { ...comment, body } }
    expect(by(told.commented, again).actor.trust).toBe('unknown')
  })
})

test('a project that the connection does not name starts nothing', () =>
  expect(
    jira.read(samples['issue_created']!, { ...connection, settings: { ...connection.settings, projects: 'OPS' } }),
  ).toEqual({
    ignored: 'It is about the project PAY, which this connection does not name.',
  }))

test('a document is read as its text, and made of paragraphs, breaks, code and links', () => {
  const text =
    'One `two  three` four\nnext https://acme.dev/x\n\n[Viewport run 7](https://viewport.acme.dev/runs/7#int_a-1)'
  expect(textOf(documentOf(text))).toBe('One two  three four\nnext https://acme.dev/x\nViewport run 7')
  const deep: object = Array.from({ length: 5_000 }).reduce<object>(
    (content) => ({ type: 'paragraph', content: [content] }),
    {},
  )
  expect(textOf(deep)).toBe('')
  // Whole, however long: only where an event carries it is it cut, with a word.
  const long = documentOf(Array.from({ length: 300 }, (_, n) => `${n} ${'x'.repeat(1_000)}`).join('\n\n'))
  expect(textOf(long).length).toBeGreaterThan(300_000)
})

describe('a webhook', () => {
  const held: Connection = { ...connection, workspace: 'ws_1', secrets: { token: 't', signing: 'the-secret' } }
  const take = (one: object | string, { secret = 'the-secret', headers = {}, to = held } = {}) => {
    const body = Buffer.from(typeof one === 'string' ? one : JSON.stringify(one))
    const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`
    return jira.hook!.take(
      {
        headers: { 'x-hub-signature': signature, 'x-atlassian-webhook-identifier': 'id-1', ...headers },
        body,
        at: 0,
        query: '',
      },
      to,
    )
  }
  test('that is genuine is taken, with what it tells of', () =>
    expect(take(told.everything)).toEqual({ id: 'id-1', parts: ['assigned', 'labeled:0', 'transitioned'] }))
  test.each([
    ['another secret', () => take(told.created, { secret: 'x' }), 'signature_invalid'],
    ['no signature', () => take(told.created, { headers: { 'x-hub-signature': '' } }), 'signature_invalid'],
    [
      'a signature of another kind',
      () => take(told.created, { headers: { 'x-hub-signature': 'sha1=ab' } }),
      'signature_invalid',
    ],
    ['no secret here', () => take(told.created, { to: { ...held, secrets: { token: 't' } } }), 'signature_invalid'],
    ['no id', () => take(told.created, { headers: { 'x-atlassian-webhook-identifier': '' } }), 'invalid'],
    ['no form', () => take('[]'), 'invalid'],
  ])('with %s is refused', (_what, go, refusal) => expect(go()).toMatchObject({ refusal }))
})
