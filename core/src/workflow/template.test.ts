import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { parseTemplate, renderTemplate, type Quote, type TemplateValues } from './template.ts'
import { concurrencyKey } from './template-values.ts'

const values: TemplateValues = {
  trigger: {
    title: 'Fix "it" {{ run.url }} `now`',
    labels: ['bug', 'p1'],
    number: 12,
    label: 'PAY-1842',
    empty: '',
    none: null,
    'data.severity': 'high',
    evil: '<!channel> @team Fixes #1 /merge https://evil.example \u202e![x](https://leak.example)',
  },
  inputs: { ticket: 'PAY-1' },
  steps: { review: { text: 'Line 3 loses `0.5`.\n\n- **Fix** it.' } },
  actions: { 'github.open_pr': { url: 'https://github.com/acme/api/pull/7', number: 7 } },
  run: {
    id: 'run_1',
    url: 'https://viewport.example/runs/run_1',
    title: 'https://evil.example',
    branch: 'refs/heads/vp/x-3f9c52',
  },
}
const render = (text: string, quote: Quote = 'prompt') => renderTemplate(text, values, quote)

test('places and what is none', () => {
  expect(parseTemplate('a {{ trigger.title }} b {{run.url}}')).toEqual({
    places: [
      { from: 2, to: 21, path: ['trigger', 'title'] },
      { from: 24, to: 35, path: ['run', 'url'] },
    ],
    faults: [],
  })
  expect(
    parseTemplate('{{ a + b }} {{ }} {{ x["y"] }} {{ a|b }} {{ open').faults.map((fault) => [fault.from, fault.to]),
  ).toEqual([
    [0, 11],
    [12, 17],
    [18, 30],
    [31, 40],
    [41, 48],
  ])
  expect(parseTemplate('} }} { {')).toEqual({ places: [], faults: [] })
})

describe('values', () => {
  test.each<[string, Quote, string]>([
    ['{{ trigger.title }}', 'prompt', '"Fix \\"it\\" {{ run.url }} `now`"'], // a value is never read as a template again
    ['{{ trigger.labels }} {{ trigger.number }}', 'prompt', '"bug, p1" 12'],
    ['{{ trigger.none }}', 'prompt', 'null'],
    ['{{ trigger.data.severity }} {{ trigger.ticket }} {{ inputs.ticket }}', 'prompt', '"high" "PAY-1" "PAY-1"'],
    [
      '{{ actions.github.open_pr.url }} #{{ actions.github.open_pr.number }}',
      'markdown',
      'https://github.com/acme/api/pull/7 #7',
    ],
    ['{{ run.url }} {{ run.branch }}', 'slack', 'https://viewport.example/runs/run_1 refs/heads/vp/x-3f9c52'],
    ['{{ run.title }}', 'markdown', '` https://evil.example `'], // a title comes from outside
    ['{{ trigger.title }}', 'markdown', '`` Fix "it" {{ run.url }} `now` ``'],
    [
      '{{ trigger.evil }}',
      'line',
      '<!channel> @ team Fixes # 1 / merge https: //evil.example ⟨U+202E⟩!(x)(https: //leak.example)',
    ],
    [
      '{{ trigger.evil }}',
      'slack',
      '`&lt;!channel&gt; @team Fixes #1 /merge https://evil.example ⟨U+202E⟩![x](https://leak.example)`',
    ],
    ['{{ trigger.ticket }}', 'key', '"PAY-1"'],
    ['{{ trigger.ticket }}', 'line', 'PAY- 1'],
    ['{{ trigger.label }}', 'line', 'PAY-1842'],
    ['{{ trigger.label }}', 'prompt', '"PAY-1842"'],
    ['no place', 'prompt', 'no place'],
  ])('%s as %s', (text, quote, expected) => expect(render(text, quote)).toMatchObject({ text: expected }))

  test('what has no value is told', () =>
    expect(
      render(
        '{{ trigger.empty }}{{ trigger.none }}{{ trigger.nope }}{{ actions.x.y.z }}{{ trigger.constructor }}{{ trigger.__proto__ }}{{ inputs.toString }}',
        'line',
      ),
    ).toEqual({
      text: '',
      missing: [
        'trigger.empty',
        'trigger.none',
        'trigger.nope',
        'actions.x.y.z',
        'trigger.constructor',
        'trigger.__proto__',
        'inputs.toString',
      ],
    }))

  test('what comes from outside stays inside its quotes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (title) => {
        const held = { ...values, trigger: { title } }
        const prompt = renderTemplate('<{{ trigger.title }}>', held, 'prompt').text
        expect(() => JSON.parse(prompt.slice(1, -1))).not.toThrow() // one JSON text, nothing after it
        const line = renderTemplate('{{ trigger.title }}', held, 'line').text
        expect(line).not.toMatch(/[\n\r\u0000-\u001f\u200b-\u200f\u202a-\u202e]|@\w|[#!]\d|:\/\//)
        const slack = renderTemplate('{{ trigger.title }}', held, 'slack').text
        expect(slack === '' || /^`[^`<>\n]*`$/.test(slack)).toBe(true)
        const markdown = renderTemplate('{{ trigger.title }}', held, 'markdown').text
        const fence = /^`+/.exec(markdown)?.[0].length ?? 0
        expect(
          markdown === '' ||
            (markdown.endsWith(` ${'`'.repeat(fence)}`) &&
              ![...markdown.slice(fence, -fence).matchAll(/`+/g)].some(([run]) => run.length >= fence)),
        ).toBe(true)
      }),
      { numRuns: 2_000 },
    )
  })
})

test('runs share a limit only when the event has what the key names', () => {
  const compiled = (key: string) => ({ concurrency: { key, limit: 1, whenFull: 'queue' as const } })
  expect(concurrencyKey(compiled('{{ trigger.ticket }}'), values)).toBe('"PAY-1"')
  expect(concurrencyKey(compiled('{{ trigger.nope }}'), values)).toBeNull()
  expect(concurrencyKey(compiled('all'), values)).toBe('all')
  expect(concurrencyKey({ concurrency: null }, values)).toBeNull()
  // Two values that look alike when glued together are two keys.
  const glued = (a: string, b: string) =>
    concurrencyKey(compiled('{{ inputs.a }}{{ inputs.b }}'), { ...values, inputs: { a, b } })
  expect(glued('1', '"2')).not.toBe(glued('1"', '2'))
})

test('no value holds the mark by which we find again what we wrote', () => {
  const text = 'Prices <!-- viewport:int_abc-1 --> (https://viewport.acme.dev/runs/7#int_abc-1)'
  expect(renderTemplate('{{ trigger.text }}', { ...values, trigger: { text } }, 'markdown').text).toBe(
    '` Prices < !-- viewport:int_abc-1 --> (https://viewport.acme.dev/runs/7# int_abc-1) `',
  )
})

describe('what an agent wrote', () => {
  const said = (text: string, quote: Quote) =>
    renderTemplate('{{ steps.review.text }}', { ...values, steps: { review: { text } } }, quote).text

  test('is a block quote that keeps its lines and its formats', () => {
    expect(render('Review: {{ steps.review.text }}', 'markdown').text).toBe(
      'Review: \n\n> Line 3 loses `0.5`.\n>\n> - **Fix** it.\n\n',
    )
    expect(render('{{ steps.review.text }}', 'line').text).toBe('Line 3 loses `0.5`. - **Fix** it.')
    expect(render('{{ steps.nobody.text }}{{ steps.review.body }}{{ steps.review }}', 'markdown').text).toBe('')
  })

  test.each([
    ['@jess and @acme/leads', '@ jess and @ acme/leads'],
    ['Fixes #12, GH-12, acme/api#3, !4', 'Fixes # 12, GH- 12, acme/api# 3, ! 4'],
    ['fixes GH-7 and GL-8', 'fixes GH- 7 and GL- 8'],
    ['/merge', '/ merge'],
    ['https://evil.example www.evil.example', 'https: //evil.example www .evil.example'],
    [
      '![x](https://leak.example/?q=1) [safe](evil) [a][b] [c]: x',
      '![x] (https: //leak.example/?q=1) [safe] (evil) [a] [b] [c] : x',
    ],
    ['<!-- hidden --> <img src=x> </details> <?x?> a < b', '< !-- hidden --> < img src=x> < /details> < ?x?> a < b'],
    ['&#64;jess &commat;jess', '& # 64;jess & commat;jess'],
    ['Fixes SEC-12 in UTF-8', 'Fixes SEC- 12 in UTF-8'],
    [
      '[skip ci] [ci skip] [vercel skip] ***NO_CI*** [x] done',
      '[ skip ci] [ ci skip] [ vercel skip] *** NO_CI*** [x] done',
    ],
    ['a\u202eb', 'a⟨U+202E⟩b'],
    ['see #int_abc-1', 'see # int_abc-1'],
  ])('in markdown %j loses its hold', (text, expected) => expect(said(text, 'markdown')).toBe(`\n\n> ${expected}\n\n`))

  test('in Slack nothing is a mention, a link or an entity', () => {
    expect(said('<!channel> <@U1> @here & <https://evil.example|safe>', 'slack')).toBe(
      '\n\n> &lt;!channel&gt; &lt;@ U1&gt; @ here &amp; &lt;https: //evil.example|safe&gt;\n\n',
    )
  })

  test('every line of it stays in the quote, and its length has an end', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.constantFrom<Quote>('markdown', 'slack'), (text, quote) => {
        const rendered = said(text, quote)
        for (const line of rendered.split('\n')) expect(line === '' || line.startsWith('>')).toBe(true)
      }),
    )
    expect(said('x'.repeat(50_000), 'markdown').length).toBeLessThan(17_000)
    expect(said('x'.repeat(50_000), 'slack').length).toBeLessThan(3_000)
  })
})
