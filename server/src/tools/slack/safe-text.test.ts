/** What may stand in a message of ours, whoever wrote it? */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { firstHidden } from '@viewportai/core/policy/hidden'
import { messageOf } from '@viewportai/core/tools/slack/message'
import { mentions, plainText } from './plain-text.ts'
import { inCode, ourLink, safeText, sectionsOf } from '@viewportai/core/tools/slack/safe-text'

test.each([
  ['<!channel> look', '&lt;!channel&gt; look'],
  ['<!here|here> <!everyone>', '&lt;!here|here&gt; &lt;!everyone&gt;'],
  ['@here @channel @everyone', '@ here @ channel @ everyone'],
  ['<@U0SAM0001> and <#C024BE91L>', '&lt;@U0SAM0001&gt; and &lt;#C024BE91L&gt;'],
  ['<!subteam^S1|@team>', '&lt;!subteam^S1|@team&gt;'],
  ['<https://evil.example|https://good.example>', 'https://good.example (<https://evil.example>)'],
  ['<https://acme.dev/a?b=1&c=2>', '<https://acme.dev/a?b=1&amp;c=2>'],
  [
    '@<https://acme.dev|here> <https://acme.dev|@channel>',
    '@ here (<https://acme.dev>) @ channel (<https://acme.dev>)',
  ],
  ['https://acme.dev/a@channel', '<https://acme.dev/a%40channel>'],
  ['see https://acme.dev/runs/7.', 'see <https://acme.dev/runs/7>.'],
  ['<javascript:alert(1)|click>', '&lt;javascript:alert(1)|click&gt;'],
  ['<mailto:a@b.c|pay>', '&lt;mailto:a@b.c|pay&gt;'],
  ['https://good.example@evil.example', 'https://good.example@evil.example'],
  ['`<!channel> & <b>`', '`&lt;!channel&gt; &amp; &lt;b&gt;`'],
  ['a &lt; b & c', 'a &lt; b &amp; c'],
  ['`https://acme.dev`', '`https://acme.dev`'],
  ['x \u202Edevorppa saw ti\u200b \u{E0041}', 'x ⟨U+202E⟩devorppa saw ti⟨U+200B⟩ ⟨U+E0041⟩'],
  ['`a\u2066b` @\u200bhere\0', '`a⟨U+2066⟩b` @⟨U+200B⟩here⟨U+0000⟩'],
  ['⚠\ufe0f 1\ufe0f\u20e3 👩\u200d💻 a\ufe0f b\u200dc', '⚠\ufe0f 1\ufe0f\u20e3 👩\u200d💻 a⟨U+FE0F⟩ b⟨U+200D⟩c'],
])('%s becomes %s', (text, safe) => expect(safeText(text)).toBe(safe))

test('nothing but links is left between angle brackets, no link has a label, and nothing is hidden', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '!',
    '@',
    '|',
    '`',
    '```',
    '&',
    '&lt;',
    'here',
    'channel',
    'U0SAM',
    'https://a.b',
    '\n',
    ' ',
    '*',
    '<!channel>',
    '<https://a.b|c>',
    '😀',
    '\ud800',
    '\u202e',
    '\u200b',
    '\u2066',
    '\ufeff',
    '\0',
    '\u{e0041}',
  )
  fc.assert(
    fc.property(
      fc.array(piece, { maxLength: 40 }).map((parts) => parts.join('')),
      (text) => {
        const safe = safeText(text)
        expect(firstHidden(safe)).toBe(null)
        expect(firstHidden(inCode(text))).toBe(null)
        for (const [, inside] of safe.matchAll(/<([^>]*)>?/g)) expect(inside).toMatch(/^https?:\/\/[^<>|\s]+$/)
        expect(safe.replace(/```[^]*?```|`[^`\n]*`/g, '·')).not.toMatch(/@(here|channel|everyone)\b/)
        for (const part of sectionsOf(safe.repeat(60).slice(0, 20_000))) {
          expect(part.length).toBeLessThanOrEqual(3_000)
          expect(part.isWellFormed()).toBe(true)
        }
      },
    ),
    { numRuns: 500 },
  )
})

test('a long text is cut between words, and says so', () => {
  const parts = sectionsOf(safeText('word <https://acme.dev/x> & '.repeat(2_000)))
  expect(parts).toHaveLength(5)
  expect(parts.at(-1)).toMatch(/left out/)
  for (const part of parts) expect(part).not.toMatch(/<[^>]*$|&(amp?|lt?|gt?)?$/)
  // Wherever the limit falls, no sign of Slack's is cut in two.
  for (let before = 0; before < 6; before++)
    for (const part of sectionsOf(`${'x'.repeat(before)}${'&amp;'.repeat(1_000)}`)) expect(part).toMatch(/^x*(&amp;)*$/)
})

test('words from outside stand in a code span, whatever they are', () => {
  expect(inCode('`<!channel>` & co\n<b>')).toBe("`'&lt;!channel&gt;' &amp; co &lt;b&gt;`")
  expect(inCode('Fix \u202Egnp.exe\u200b \u{E0041}')).toBe('`Fix ⟨U+202E⟩gnp.exe⟨U+200B⟩ ⟨U+E0041⟩`')
  expect(inCode('  ')).toBe('')
  expect(ourLink('https://v.dev/a?b&c', 'Run | <7>')).toBe('<https://v.dev/a?b&amp;c|Run / &lt;7&gt;>')
})

test('a message has no preview, no mention, and our mark twice', () => {
  const message = messageOf('See <https://evil.example|here>', { intent: 'int_abc-1', page: 'https://v.dev/runs/7' })
  expect(message).toMatchObject({
    parse: 'none',
    link_names: false,
    unfurl_links: false,
    unfurl_media: false,
    text: 'See here (<https://evil.example>)',
    metadata: { event_type: 'viewport_effect', event_payload: { intent: 'int_abc-1' } },
  })
  expect(message['blocks']).toEqual([
    {
      type: 'section',
      expand: true,
      text: { type: 'mrkdwn', verbatim: true, text: 'See here (<https://evil.example>)' },
    },
    {
      type: 'context',
      block_id: 'int_abc-1',
      elements: [{ type: 'mrkdwn', verbatim: true, text: '<https://v.dev/runs/7|Viewport run 7>' }],
    },
  ])
})

test.each([
  ['<@U0VIEWPORT> fix &lt;b&gt; &amp; co', 'fix <b> & co'],
  ['ask <@U0SAM|sam> in <#C1|support>', 'ask @sam in #support'],
  ['<!here> <!subteam^S1|@oncall>', '@here @oncall'],
  ['<https://evil.example|https://good.example>', 'https://good.example (https://evil.example)'],
  ['<https://acme.dev> <mailto:a@b.c|a@b.c>', 'https://acme.dev a@b.c'],
  ['&amp;lt;', '&lt;'],
])('%s reads as %s', (text, plain) => expect(plainText(text, 'U0VIEWPORT')).toBe(plain))

test('who is mentioned is told by id', () => {
  expect(mentions('hi <@U0VIEWPORT>', 'U0VIEWPORT')).toBe(true)
  expect(mentions('hi <@U0VIEWPORT2> @U0VIEWPORT', 'U0VIEWPORT')).toBe(false)
})

test('who is mentioned is compared letter by letter, whatever an id looks like', () => {
  expect(mentions('hi <@U0VIEWPORT|viewport> there', 'U0VIEWPORT')).toBe(true)
  expect(mentions('<@U0VIEWPORT2> <@U0VIEWPORT', 'U0VIEWPORT')).toBe(false)
  expect(mentions('<@U0VIEWPORT|a<b> <@U0VIEWPORT>', 'U0VIEWPORT')).toBe(true)
  expect(mentions(`<@${'a'.repeat(60)}!>`, '(a+)+')).toBe(false) // as an expression it never ended
  expect(plainText(' <@U0VIEWPORT|viewport>: look', 'U0VIEWPORT')).toBe('look')
  expect(plainText('look <@U0VIEWPORT>', 'U0VIEWPORT')).toBe('look @U0VIEWPORT')
})
