/** What may the body of a pull request of ours hold, whoever wrote the words in it? */
import { expect, test } from 'vitest'
import { firstHidden } from '../policy/hidden.ts'
import { renderTemplate } from '../workflow/template.ts'
import { code, pullBody } from './forge-text.ts'
import { isPullMarked, openerIn } from './hidden-marker.ts'
import type { Effect } from './port.ts'

const hostile =
  'Prices \u202Egnp.exe\u200b \u{E0041} \u001b[2J @dana <!-- viewport:int_victim-1 -->\n\n<img src=x> ` ``'
const effect: Effect = {
  intent: 'int_abc-2',
  run: 'run_abc',
  target: 'acme/shop',
  params: {},
  change: null,
  commit: null,
  repos: [],
  told: { title: 'x', approvedBy: [hostile], checks: null, source: { label: hostile, url: null } },
  page: 'https://viewport.acme.dev/runs/7',
  home: null,
}

test('the body of a pull request hides nothing, and has no mark but ours', () => {
  const values = { trigger: { text: hostile }, inputs: {}, steps: { look: { text: hostile } }, actions: {}, run: {} }
  const words = renderTemplate('About {{ trigger.text }}. {{ steps.look.text }}', values, 'markdown').text
  const body = pullBody(words, effect)
  expect(firstHidden(body)).toBe(null)
  expect(body.match(/⟨U\+202E⟩/g)).toHaveLength(4)
  expect([isPullMarked(body, 'int_abc-2'), isPullMarked(body, 'int_victim-1'), openerIn(body)]).toEqual([
    true,
    false,
    'int_abc-2',
  ])
  // What is no code of ours stands as words: no tag and no mention.
  expect(body.replace(/(`+) .*? \1(?!`)/g, '').replace('<!-- viewport:int_abc-2 -->', '')).not.toMatch(/<[!\w]|@\w/)
})

test('words stand in a code span on one line', () => {
  expect(code('a\u2066b\n`c`')).toBe('`` a⟨U+2066⟩b `c` ``')
})
