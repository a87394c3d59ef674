import { expect, test } from 'vitest'
import { cutNote, eventText, textAtMost } from './event-text.ts'

const url = 'https://gitlab.acme.dev/acme/shop/-/issues/7'

test('what has room is taken as it is, and nothing is said', () => {
  const text = 'x'.repeat(textAtMost)
  expect([eventText(text, url) === text, cutNote(text, url)]).toEqual([true, null])
})

test.each([
  ['one character too many', 'x'.repeat(textAtMost + 1), '200,001'],
  ['much too long', 'y'.repeat(999_999), '999,999'],
  ['with half a character at the cut', '😀'.repeat(150_000), '300,000'],
])('%s: it says that it was cut, how much there is, and where', (_, text, count) => {
  const cut = eventText(text, url)
  expect(cut.length).toBeLessThanOrEqual(textAtMost)
  expect(cut.length).toBeGreaterThan(textAtMost - 300)
  expect(cut.isWellFormed()).toBe(true)
  expect(cut.startsWith(text.slice(0, 199_000))).toBe(true)
  expect(cut).toMatch(
    new RegExp(
      `… *\n\n\\[Cut here by Viewport: these are the first 199,\\d{3} of ${count} characters\\. The whole is at ${url}\\]$`,
    ),
  )
  expect(cutNote(text, url)).toContain(`Its text has ${count} characters`)
  expect(cutNote(text, url)).toMatch(new RegExp(`The whole is at ${url}\\.$`))
})

test('without an address it says who has the whole', () => {
  const text = 'z'.repeat(textAtMost + 5)
  expect(eventText(text, null)).toMatch(/The tool that told of it has the whole\.\]$/)
  expect(cutNote(text, null)).toMatch(/The tool that told of it has the whole\.$/)
})
