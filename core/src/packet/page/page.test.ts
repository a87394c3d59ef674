import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { packet, play } from '../testing/tampered.ts'
import { pageFile } from '../names.ts'
import { textOf } from '../utf8.ts'
import { escaped, html, link } from './html.ts'

const page = textOf(packet.get(pageFile)!)!

test('nothing in a page runs or is fetched', () => {
  expect(page).not.toMatch(
    /<script|<img|<iframe|<object|<embed|<link|<form|<base|javascript:|@import|url\(|\son\w+\s*=\s*["']/i,
  )
  expect(page.match(/<style>([\s\S]*?)<\/style>/g)).toHaveLength(1)
  const style = /<style>([\s\S]*?)<\/style>/.exec(page)![1]!
  expect(page).toContain(
    `default-src 'none'; style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'; base-uri 'none'; form-action 'none'`,
  )
  // hostile text is there, as text
  expect(page).toContain('Prices are wrong &lt;img src=x onerror=alert(1)&gt; ⟨U+202E⟩&quot;&#39;&#96;')
  expect(page).not.toContain('\u202e')
})

test('it tells who decided what, on which digest, what was done, and what was not planned', () => {
  for (const { type, data } of play.facts) if (type === 'decision.made') expect(page).toContain(data.digest)
  for (const words of [
    '@dana',
    'requested changes',
    'Round at the end only.',
    'asked for this run and cannot vote',
    'not in the plan',
    'as approved',
    'Rounding',
    'vpd audit verify',
    play.facts.at(-1)!.run,
  ])
    expect(page).toContain(words)
  expect(page).not.toContain('not what was approved')
  expect(page).not.toMatch(/undefined|\[object|NaN/)
})

test('every element that is opened is closed', () => {
  const open: string[] = []
  for (const [, end, name] of page.replace(/<style>[\s\S]*?<\/style>/, '').matchAll(/<(\/?)([a-z][a-z0-9]*)[^>]*>/g)) {
    if (['meta', 'br', '!doctype'].includes(name!)) continue
    if (end) expect(open.pop()).toBe(name)
    else open.push(name!)
  }
  expect(open).toEqual([])
})

test('values are escaped wherever they stand, and only addresses of the web are links', () => {
  expect(html`<p title="${'"><b>'}">${'<i>'}${html`<u>${'&'}</u>`}${null}${0}</p>`.html).toBe(
    '<p title="&quot;&gt;&lt;b&gt;">&lt;i&gt;<u>&amp;</u>0</p>',
  )
  expect(escaped('a\u200bb')).toBe('a⟨U+200B⟩b')
  for (const url of ['javascript:alert(1)', 'data:text/html,x', ' https://x', 'https://x" onclick="y', '//x', null])
    expect(link(url, 'text').html).toBe('text')
  expect(link('https://x.example/a?b=1&c=2', 'text').html).toBe(
    '<a href="https://x.example/a?b=1&amp;c=2" rel="noopener noreferrer nofollow">text</a>',
  )
})
