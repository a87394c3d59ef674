/** Which routes are about effects that failed for good or stay unknown, until a person closes them? */
import { z } from 'zod'
import { Millis } from '../ids.ts'
import { StuckEffect } from '../view/stuck-effect.ts'
import { routeTable } from './route.ts'

export const effectRoutes = routeTable({
  effects: {
    method: 'GET',
    path: '/api/effects',
    access: 'signed-in',
    summary: 'Effects that failed for good or stay unknown, the longest waiting first, with what was tried',
    query: z.strictObject({
      after: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(100).default(50),
    }),
    answer: z.strictObject({ effects: z.array(StuckEffect), more: z.string().nullable() }),
  },
  answerEffect: {
    method: 'POST',
    path: '/api/effects/:intent/answers',
    access: 'signed-in',
    summary: 'Say what becomes of it: look again, try again, it is done, give it up, stop the run',
    params: z.strictObject({ intent: z.string() }),
    body: z.strictObject({
      choice: z.enum(['look', 'again', 'done', 'give_up', 'stop']),
      /** The attempt that was the last one when the person looked: another one since then is a conflict. */
      attempt: z.int().positive(),
      text: z.string().max(5_000).nullable().default(null),
    }),
    answer: z.strictObject({ intent: z.string(), run: z.string(), state: z.string(), at: Millis }),
    status: 201,
  },
})
