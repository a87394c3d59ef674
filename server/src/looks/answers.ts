/** The routes about looking at a repository before any work on it. */
import { refuse } from '@viewportai/core/refusal'
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import type { Answers } from '../http/answers.ts'
import { askLook } from './ask.ts'
import { readLook } from './read.ts'

export const lookAnswers = (context: Context): Pick<Answers, 'askLook' | 'look'> => ({
  askLook: ({ asker, body }) => askLook(context, asker, body),
  look: ({ asker, params: { look } }) =>
    inWorkspace(
      context.db,
      asker.workspace,
      async (tx) => (await readLook(tx, look)) ?? refuse('not_found', { what: 'look', id: look }),
    ),
})
