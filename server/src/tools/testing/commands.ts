/**
 * Is a command in a comment read by one rule, whichever tool it was written at?
 * The table is the rule; each tool's own test says how a comment of its own is made of a text. Only tests import it.
 */
import { describe, expect, test } from 'vitest'
import type { Reading } from '../port.ts'
import { saidIn } from './contract.ts'

export type CommandCase = {
  /** A new comment with this text in Markdown; `now`: what it says when it is fetched again. */
  readonly comment: (text: string, now?: string) => Reading
}

const rule: readonly [string, string | null][] = [
  ['/viewport fix', 'fix'],
  ['/fix', 'fix'],
  ['/VIEWPORT   Try-again please', 'try-again'],
  ['Seen again today.\n\n/fix this', 'fix'],
  ['/fix\n\n/drop', 'fix'],
  ['   /fix', 'fix'],
  ['\u00a0/viewport\u00a0fix', 'fix'],
  ['please /fix', null],
  ['@viewport /fix', null],
  ['@dana /fix', null],
  ['> /fix', null],
  ['```\n/fix\n```', null],
  ['`/fix`', null],
  ['**/fix**', null],
  ['- /fix', null],
  ['[/fix](https://acme.dev)', null],
  ['/ fix', null],
  ['/etc/passwd', null],
  ['and/or', null],
  ['', null],
]

export const commandContract = ({ comment }: CommandCase): void => {
  const command = (text: string, now?: string) => saidIn(comment(text, now)).fields['command']

  describe('a command in a comment', () => {
    test.each(rule)('%j is %j', (text, expected) => {
      expect(command(text)).toBe(expected)
      expect(command(text, text)).toBe(expected)
    })
    test('what an edit put there is none, and what an edit took away is taken back', () => {
      expect([command('Thank you', '/fix'), command('/fix', 'Never mind'), command('/fix', '/drop')]).toEqual([
        null,
        null,
        null,
      ])
      expect(command('/fix it', '/fix it, please')).toBe('fix')
    })
  })
}
