/** Does `viewport` take these words? For commands that the product prints for people to run. */
import { expect } from 'vitest'
import { makeProgram } from '../src/cli/program.ts'

/** Passes when the command gets as far as doing something: then every word of it was taken. Nothing is done. */
export const expectTaken = async (words: readonly string[]): Promise<void> => {
  const reached = new Error('reached')
  const program = makeProgram(
    () => {
      throw reached
    },
    () => {},
  ).configureOutput({ writeErr: () => {} })
  await expect(program.parseAsync(words, { from: 'user' })).rejects.toBe(reached)
}
