/**
 * What does a delivery of GitHub say happened?
 * Webhooks, and what was found by asking, in one form. What nothing can listen to is ignored with a reason; text in it stays text.
 */
import { z } from 'zod'
import type { Place } from '@viewportai/core/tools/place'
import { readStrictJson } from '../../http/strict-json.ts'
import type { KnownConnection } from '@viewportai/core/tools/port'
import type { Reading, StoredDelivery } from '../port.ts'
import { readAgain, type Reader } from './again-form.ts'
import { readCheck } from './read-check.ts'
import { readCode } from './read-code.ts'
import { readComment } from './read-comment.ts'
import { readIssue } from './read-issue.ts'
import { readPull } from './read-pull.ts'
import { ranked } from './rights.ts'
import { textIn } from './verify.ts'

/** What was found by asking has GitHub's own id of the event beside it. No webhook can bring this header: it is not among those that are kept. */
export const eventHeader = 'viewport-event'

const readers: Readonly<Record<string, Reader>> = {
  issues: readIssue,
  issue_comment: readComment,
  pull_request_review_comment: readComment,
  pull_request: readPull,
  pull_request_review: readPull,
  check_run: readCheck,
  check_suite: readCheck,
  workflow_run: readCheck,
  status: readCheck,
  push: readCode,
  release: readCode,
  dependabot_alert: readCode,
  code_scanning_alert: readCode,
  secret_scanning_alert: readCode,
  repository_vulnerability_alert: readCode,
}

export const read = (delivery: StoredDelivery, { settings }: KnownConnection): Reading => {
  const other = anotherInstallation(delivery, settings)
  if (other !== null) return { ignored: other }
  const reading = readOne(delivery, settings)
  if (!('said' in reading)) return reading
  const scope = scopeOf(settings['base'])
  const place = placeIn(delivery)
  const said = { ...reading.said, ...(place && { place }) }
  if (scope === '') return { ...reading, said }
  return { ...reading, said: { ...said, id: scope + said.id, also: (said.also ?? []).map((name) => scope + name) } }
}

const Home = z.object({ repository: z.object({ id: z.number(), full_name: z.string() }) })

/** An App that two organizations have installed tells of both at its one address. Why this is not ours, a sentence, or null. */
const anotherInstallation = (delivery: StoredDelivery, settings: KnownConnection['settings']): string | null => {
  const own = settings['installation']
  const told = Installed.safeParse(payloadOf(delivery)).data?.installation.id
  return own === undefined || own === '' || told === undefined || String(told) === own
    ? null
    : `It comes from installation ${told} of the App, and this connection is of installation ${own}. Connect that one on its own to hear of it.`
}
const Installed = z.object({ installation: z.object({ id: z.number() }) })

/** The repository that a payload is of. */
const placeIn = (delivery: StoredDelivery): Place | null => {
  const read = Home.safeParse(payloadOf(delivery)).data
  return read ? { name: read.repository.full_name, number: String(read.repository.id) } : null
}

/** Two servers count alike: what happened at one of somebody's own carries its name. */
const scopeOf = (base: string | undefined): string => {
  const host = base !== undefined && URL.canParse(base) ? new URL(base).host : 'api.github.com'
  return host === 'api.github.com' ? '' : `${host.slice(0, 60)} `
}

/**
 * The header that names the event is not signed, the body is: what it holds decides what it is about. `of`: the events that it may come as;
 * `kind`: the one that it is. Null: the readers judge it.
 */
const shapeOf = (
  payload: Readonly<Record<string, unknown>>,
): { word: string; of: readonly string[]; kind: string | null } | null => {
  const is = (value: unknown): value is object => typeof value === 'object' && value !== null
  const { comment, review } = payload
  if (is(comment))
    return {
      word: 'comment',
      of: ['issue_comment', 'pull_request_review_comment'],
      kind: 'diff_hunk' in comment ? 'pull_request_review_comment' : 'issue_comment',
    }
  return is(review) ? { word: 'review', of: ['pull_request_review'], kind: null } : null
}

const readOne = (delivery: StoredDelivery, settings: KnownConnection['settings']): Reading => {
  const event = delivery.headers['x-github-event'] ?? ''
  if (event === 'ping') return { ignored: 'GitHub says that the webhook works.' }
  const reader = Object.hasOwn(readers, event) ? readers[event]! : null
  if (!reader) return { ignored: `No workflow can listen to ${event || 'this'} of GitHub.` }
  const payload = payloadOf(delivery)
  if (typeof payload === 'string') return { unreadable: payload }
  const shape = shapeOf(payload)
  if (shape !== null && !shape.of.includes(event))
    return { unreadable: `Its header says ${event}, and its body is about a ${shape.word}.` }
  try {
    const again = readAgain(delivery.again)
    const found = delivery.headers[eventHeader]
    const reading = reader(
      payload,
      shape?.kind ?? event,
      found === undefined ? again : { ...again, event: found },
      settings,
    )
    if (!('said' in reading)) return reading
    return { ...reading, said: { ...reading.said, actor: ranked(reading.said.actor, again.rights) } }
  } catch (error) {
    const issue = (error as { issues?: { path: PropertyKey[]; message: string }[] }).issues?.[0]
    if (!issue) throw error
    return {
      unreadable: `${event} of GitHub lacks ${issue.path.map(String).join('.') || 'what it should have'} (${issue.message}).`,
    }
  }
}

/** The payload, of a JSON body or of a form's field `payload`; or why there is none (a sentence). */
export const payloadOf = ({ headers, body }: StoredDelivery): Record<string, unknown> | string => {
  const text = textIn({ headers, body })
  if (text === null) return 'Its form is not one field payload and nothing else.'
  const strict = readStrictJson(text)
  if (!strict.ok) return `Its payload cannot be read: ${strict.why}.`
  return typeof strict.value === 'object' && strict.value !== null && !Array.isArray(strict.value)
    ? (strict.value as Record<string, unknown>)
    : 'Its payload is not a JSON object.'
}
