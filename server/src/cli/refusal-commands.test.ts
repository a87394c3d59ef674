// Is every command that a refusal tells a person to run one that `viewport` takes?
import { expect, test } from 'vitest'
import { refusals } from '@viewportai/core/refusal'
import { makeProgram } from './program.ts'

const commands = Object.entries(refusals).flatMap(([code, [, words, next]]) =>
  [...`${words} ${next}`.matchAll(/`viewport ([^`]+)`/g)].map(([, command]) => [code, command!] as const),
)

test('there are some', () => expect(commands.length).toBeGreaterThan(3))

test.each(commands)('%s: viewport %s', async (_, command) => {
  // It gets as far as doing something: then every word of it was taken.
  const reached = new Error('reached')
  const program = makeProgram(
    () => {
      throw reached
    },
    () => {},
  ).configureOutput({ writeErr: () => {} })
  await expect(program.parseAsync(command.replace('{workflow}', 'docs').split(' '), { from: 'user' })).rejects.toBe(
    reached,
  )
})

test('nothing is advised that nobody can do', () => {
  expect(refusals.sign_in_link_used[2]).not.toMatch(/\{|@you/)
  expect(refusals.body_away[2]).toContain('--bodies stored')
})
