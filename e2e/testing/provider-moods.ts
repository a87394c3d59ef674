// How does each provider limit the rate, and say no? In its own words and numbers, as its documentation has them.
import { kindOf, type Kind, type Provider } from './acting-kinds.ts'
import type { Mood } from './provider-proxy.ts'

const limit = { status: 429, headers: { 'retry-after': '1' }, body: '{}', does: false }
const limits: Readonly<Record<Provider, Mood>> = {
  github: { ...limit, status: 403, body: '{"message":"You have exceeded a secondary rate limit"}' },
  linear: {
    ...limit,
    status: 400,
    body: '{"errors":[{"message":"Slow down","extensions":{"code":"RATELIMITED"}}]}',
  },
  jira: limit,
  slack: { ...limit, body: '{"ok":false,"error":"ratelimited"}' },
  gitlab: limit,
  ops: limit,
}
/** The mood of a provider that asks to come back later. It did nothing. */
export const limited = (kind: Kind): Mood => limits[kindOf(kind).at]

const no = { status: 422, body: '{"message":"Validation Failed","errors":["it is not valid"]}', does: false }
const refusals: Readonly<Record<Provider, Mood>> = {
  github: no,
  linear: { ...no, status: 400, body: '{"errors":[{"message":"Argument Validation Error"}]}' },
  jira: { ...no, status: 400, body: '{"errorMessages":["Comment body is not valid!"],"errors":{}}' },
  // Slack says no with 200.
  slack: { ...no, status: 200, body: '{"ok":false,"error":"not_valid_at_all"}' },
  gitlab: { ...no, status: 400, body: '{"message":{"title":["is not valid"]}}' },
  ops: no,
}
/** The mood of a provider that says no. It did nothing. */
export const refusing = (kind: Kind): Mood =>
  kind === 'ci.rerun'
    ? { ...no, status: 403, body: '{"message":"403 Forbidden: it is not valid"}' }
    : refusals[kindOf(kind).at]

/** What a summary of such a no says, whoever said it. */
export const saysNo = / .*not.valid|Validation|answered 4\d\d/i
