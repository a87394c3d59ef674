// Is every command that a refusal tells a person to run one that `viewport` takes?
import { expect, test } from 'vitest'
import { refusals } from '@viewportai/core/refusal'
import { expectTaken } from '../../test/taken-words.ts'

const commands = Object.entries(refusals).flatMap(([code, [, words, next]]) =>
  [...`${words} ${next}`.matchAll(/`viewport ([^`]+)`/g)].map(([, command]) => [code, command!] as const),
)

test('there are some', () => expect(commands.length).toBeGreaterThan(3))

test.each(commands)('%s: viewport %s', (_, command) => expectTaken(command.replace('{workflow}', 'docs').split(' ')))
