import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { refuse } from '@viewportai/core/refusal'
import { problemOf } from '../http/problem.ts'
import { connect } from './connect.ts'

let answer: { status: number; body: string } = { status: 200, body: '' }
const server = createServer((_, response) =>
  response.writeHead(answer.status, { 'content-type': 'application/problem+json' }).end(answer.body),
)
let url = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(() => void server.close())
const ask = () => connect({ server: url, token: 'vpt_x' }, { url: null, token: null }).people()

test.each([
  ['a refusal', refuse('not_enabled', { workflow: 'fix-bug' }), [], 'refused', 'The workflow fix-bug is not enabled.'],
  [
    'one thing that is not valid, found by a schema',
    refuse('invalid', { where: 'body.name', why: 'expected owner/name' }),
    [{ path: 'body.name', message: 'expected owner/name' }],
    'usage',
    'Not taken: name: expected owner/name.',
  ],
  [
    'one thing that is not valid, found later',
    refuse('invalid', { where: 'body.url', why: 'it has no path' }),
    [],
    'usage',
    'Not taken: url: it has no path.',
  ],
  [
    'several',
    refuse('invalid', { where: 'body.name', why: 'too short (and 1 more)' }),
    [
      { path: 'body.name', message: 'too short' },
      { path: 'query.limit', message: 'too large' },
    ],
    'usage',
    'Not taken:\n  name: too short\n  limit: too large',
  ],
])('%s is told as the person wrote it', async (_, refusal, errors, kind, message) => {
  const problem = problemOf(refusal, errors)
  answer = { status: problem.status, body: JSON.stringify(problem) }
  await expect(ask()).rejects.toMatchObject({ kind, message, facts: { code: refusal.refusal } })
})

test('an answer that is no problem document comes from something else', async () => {
  answer = { status: 502, body: '<h1>Bad gateway</h1>' }
  await expect(ask()).rejects.toMatchObject({
    kind: 'unreachable',
    message: `${url} answered 502, but not as Viewport does.`,
  })
})
