import { expect, test } from 'vitest'
import { z } from 'zod'
import { asProblem, problemOf } from './problem.ts'

const answer = (body: string, status: number) =>
  new Response(body, { status, headers: { 'content-type': 'application/problem+json' } })

test('a problem document gives its code, words and next step', async () => {
  const body = JSON.stringify({
    type: 'https://viewport.dev/problems/gate_drifted',
    title: 'Conflict',
    status: 409,
    detail: 'What you saw is not what is asked any more: the tree.',
    code: 'gate_drifted',
    next: 'Look again.',
    facts: { what: 'tree' },
  })
  expect(await problemOf(answer(body, 409))).toMatchObject({
    code: 'gate_drifted',
    status: 409,
    message: 'What you saw is not what is asked any more: the tree.',
    next: 'Look again.',
    facts: { what: 'tree' },
  })
})

test('a page of a proxy is never shown', async () => {
  expect(await problemOf(answer('<html>Bad gateway</html>', 502))).toMatchObject({
    code: 'unreachable',
    message: 'Viewport does not answer.',
  })
  expect(await problemOf(answer('<html>Oops</html>', 500))).toMatchObject({
    code: 'unreadable',
    message: 'The answer was 500 without a reason.',
  })
})

test('an answer in another form is named as such', () => {
  const error = z.object({ a: z.string() }).safeParse({}).error
  expect(asProblem(error)).toMatchObject({ code: 'unreadable', facts: { issues: [{ path: ['a'] }] } })
})

test('any other error keeps its words', () =>
  expect(asProblem(new Error('broken'))).toMatchObject({ code: 'fault', message: 'broken' }))
