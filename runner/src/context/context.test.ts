import { rm } from 'node:fs/promises'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fetchCommit, openCache } from '../git/cache.ts'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { remoteOf } from '../git/remote-url.ts'
import { citationsIn } from './citations.ts'
import { resolveContext, type Source } from './resolve.ts'
import { sectionsOf } from './sections.ts'
import { wordsOf } from './words.ts'

describe('words', () => {
  it.each([
    ['checkoutRetry_limit', ['checkoutretry_limit', 'checkout', 'retry', 'limit']],
    ['HTTPServer2Go', ['httpserver2go', 'http', 'server2', 'go']],
    ['The größe of the price', ['größe', 'price']],
    ['a b c', []],
  ])('of %j', (text, words) => expect(wordsOf(text)).toEqual(words))
})

describe('sections', () => {
  it('follow headings outside of code, with their line ranges', () => {
    const text =
      'intro\n\n# Prices\n\nround once\n\n## Tax\nadd tax\n```sh\n# not a heading\n```\n# Empty\n\n## Full\nx\n'
    expect(sectionsOf('docs/rules.md', text)).toEqual([
      { title: 'rules.md', lines: [1, 2], text: 'intro\n' },
      { title: 'Prices', lines: [3, 6], text: '# Prices\n\nround once\n' },
      { title: 'Prices › Tax', lines: [7, 11], text: '## Tax\nadd tax\n```sh\n# not a heading\n```' },
      { title: 'Empty › Full', lines: [12, 15], text: '# Empty\n\n## Full\nx' },
    ])
  })
  it('of a long text cover every line once', () => {
    const lines = Array.from({ length: 500 }, (_, i) => (i % 7 === 0 ? '' : `line ${i}`))
    const sections = sectionsOf('src/a.js', lines.join('\n'))
    expect(sections.map((s) => s.text).join('\n')).toBe(lines.join('\n'))
    expect(sections.every((s) => s.lines[1] - s.lines[0] < 120)).toBe(true)
    expect(sections[0]?.lines[0]).toBe(1)
    expect(sections.at(-1)?.lines[1]).toBe(500)
  })
  it('of nothing are none', () => expect(sectionsOf('a.md', '\n \n')).toEqual([]))
})

describe('citations', () => {
  it('are used, unused or unknown', () => {
    expect(
      citationsIn('as [ctx-1] and [see ctx-3, ctx-9] say; ctx-2 without brackets', ['ctx-1', 'ctx-2', 'ctx-3']),
    ).toEqual({ used: ['ctx-1', 'ctx-3'], unused: ['ctx-2'], unknown: ['ctx-9'] })
  })
})

describe('context of a step', () => {
  let remote: TestRemote
  let source: Source
  beforeEach(async () => {
    remote = await testRemote({
      '.viewport/context.yaml':
        'rules: docs/rules.md\nconventions: { paths: docs/conventions.md, pin: true }\nlost: docs/lost.md\n',
      'docs/rules.md':
        '# Rules\n\n## Rounding\nRound the discount once, at the end of the order.\n\n## Shipping\nShip on weekdays.\n',
      'docs/conventions.md': '# Conventions\nTests stand beside the code.\n',
      'docs/binary.md': Buffer.from([0, 1, 2]),
    })
    const cache = await openCache(path.join(remote.root, 'home'), remoteOf(remote.url))
    source = { repo: 'acme/shop', gitDir: cache.dir, commit: await fetchCommit(cache, 'main', null) }
  })
  afterEach(() => rm(remote.root, { recursive: true, force: true }))
  const question = 'the discount is rounded wrong'

  it('takes pins first, then what fits the words, and says why by parts', async () => {
    const found = await resolveContext(
      [
        { kind: 'name', name: 'rules' },
        { kind: 'name', name: 'conventions' },
      ],
      [source],
      question,
      8_000,
    )
    expect(found.items.map((i) => [i.id, i.title, i.lines, i.pinned])).toEqual([
      ['ctx-1', 'Conventions', [1, 2], true],
      ['ctx-2', 'Rules › Rounding', [1, 5], false],
      ['ctx-3', 'Rules › Shipping', [6, 7], false],
    ])
    expect(found.items[1]?.score).toMatchObject({ words: 1, recency: 1 })
    expect(found.items[1]?.score['total']).toBeGreaterThan(found.items[2]?.score['total'] ?? 1)
    expect(found.missing).toEqual([])
    expect(found.tokens).toBe(found.items.reduce((sum, i) => sum + i.tokens, 0))
  })

  it('keeps to the budget and says what did not fit', async () => {
    const found = await resolveContext(
      [
        { kind: 'name', name: 'rules' },
        { kind: 'paths', repo: 'acme/shop', paths: ['docs/conventions.md'], max: null },
      ],
      [source],
      question,
      20,
    )
    expect(found.items.map((i) => i.title)).toEqual(['Rules › Rounding'])
    expect(found.missing).toEqual([
      { wish: 'acme/shop: docs/conventions.md', why: 'Nothing of it fitted into 20 tokens.' },
    ])
  })

  it.each([
    ['rules: ../../etc/passwd', 'line 1, column 8: `../../etc/passwd` is not a path or glob inside the repository'],
    ['rules: { path: docs/rules.md }', 'line 1, column 10: `path` is not a key of a context. Nearest: paths.'],
    ['rules: [', 'line 1, column 9: '],
  ])('says where a file with names cannot be read: %j', async (text, why) => {
    const other = await testRemote({ '.viewport/context.yaml': text })
    try {
      const cache = await openCache(path.join(other.root, 'home'), remoteOf(other.url))
      const broken = { repo: 'acme/broken', gitDir: cache.dir, commit: await fetchCommit(cache, 'main', null) }
      const found = await resolveContext([{ kind: 'name', name: 'rules' }], [broken], question, 8_000)
      expect(found.missing).toEqual([
        {
          wish: 'rules',
          why: expect.stringContaining(`.viewport/context.yaml of acme/broken cannot be read: ${why}`),
        },
      ])
    } finally {
      await rm(other.root, { recursive: true, force: true })
    }
  })

  it('says for every wish that has nothing why', async () => {
    const found = await resolveContext(
      [
        { kind: 'name', name: 'unknown' },
        { kind: 'name', name: 'lost' },
        { kind: 'paths', repo: 'acme/other', paths: ['**'], max: null },
        { kind: 'history', of: 'same-ticket' },
        { kind: 'paths', repo: 'acme/shop', paths: ['docs/binary.md'], max: null },
      ],
      [source],
      question,
      8_000,
    )
    expect(found.items).toEqual([])
    expect(found.missing).toEqual([
      { wish: 'unknown', why: 'No repository of this run names it in .viewport/context.yaml.' },
      { wish: 'lost', why: `No file of acme/shop at ${source.commit.slice(0, 12)} fits docs/lost.md.` },
      { wish: 'acme/other: **', why: 'The run has no repository acme/other.' },
      { wish: 'history: same-ticket', why: 'Earlier runs are not a source of context in this version.' },
      { wish: 'acme/shop: docs/binary.md', why: 'docs/binary.md is not a text.' },
    ])
  })

  it('gives at most so many documents as the wish says, the best ones', async () => {
    const found = await resolveContext(
      [{ kind: 'paths', repo: 'acme/shop', paths: ['docs/*.md'], max: 1 }],
      [source],
      question,
      8_000,
    )
    expect(new Set(found.items.map((i) => i.path))).toEqual(new Set(['docs/rules.md']))
  })
})
