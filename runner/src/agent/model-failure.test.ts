/** Does a provider's no become words that say what to do? */
import { expect, it } from 'vitest'
import { codexFailure } from './codex-failure.ts'
import { modelFailure } from './model-failure.ts'

it.each<[number | null, string, string, boolean]>([
  [401, 'x', 'model_key_refused', false],
  [403, '', 'model_key_refused', false],
  [429, 'x', 'model_overloaded', true],
  [529, 'x', 'model_overloaded', true],
  [404, 'x', 'model_not_found', false],
  [500, 'invalid api key', 'model_failed', true], // a known status says more than words
  [null, 'Incorrect API key provided', 'model_failed', true],
  [null, 'invalid x-api-key', 'model_key_refused', false],
  [null, 'stream disconnected before completion: x', 'model_stream_broken', true],
  [null, 'something else', 'model_failed', true],
])('%s %s: %s', (status, words, code, retrySafe) => {
  const { failure } = modelFailure('Mine', status, words)
  expect(failure).toMatchObject({ code, retrySafe, class: 'agent', started: true })
  if (words) expect(failure.summary).toContain(words)
})
it('is short and one line, whatever the agent said', () => {
  expect(modelFailure('Mine', 500, `${'x '.repeat(5_000)}\n`).failure.summary.length).toBeLessThan(700)
})
it.each<[unknown, string, string]>([
  ['unauthorized', 'x', 'model_key_refused'],
  ['serverOverloaded', 'x', 'model_overloaded'],
  [{ responseStreamDisconnected: { httpStatusCode: null } }, 'stream disconnected', 'model_stream_broken'],
  [{ responseTooManyFailedAttempts: { httpStatusCode: 529 } }, 'x', 'model_overloaded'],
  ['toString', 'x', 'model_failed'],
  [null, 'unexpected status 401 Unauthorized: no', 'model_key_refused'],
])('Codex: %j %s: %s', (codexErrorInfo, message, code) => {
  expect(codexFailure('Codex', { message, codexErrorInfo }).failure.code).toBe(code)
})
