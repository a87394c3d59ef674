/** The routes about effects that wait for a person. */
import { refuse } from '@viewportai/core/refusal'
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import type { Answers } from '../http/answers.ts'
import { viaOf } from '../sign-in/asker.ts'
import { answerStuck } from './answer-stuck.ts'
import { readStuck } from './list.ts'

export const effectAnswers = ({ db }: Context): Pick<Answers, 'effects' | 'answerEffect'> => ({
  effects: ({ asker, query }) =>
    inWorkspace(
      db,
      asker.workspace,
      async (tx) =>
        (await readStuck(tx, query)) ??
        refuse('invalid', { where: 'query.after', why: 'it is not a place in the list' }),
    ),
  answerEffect: ({ asker, params, body, request }) =>
    answerStuck(
      db,
      {
        workspace: asker.workspace,
        person: asker.person,
        name: asker.name,
        token: asker.token,
        via: viaOf(asker, request.headers['user-agent']),
      },
      params.intent,
      body,
    ),
})
