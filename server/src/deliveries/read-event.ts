/**
 * What does a generic delivery say happened?
 * The documented form (docs/api.md) and the common one of Standard Webhooks (`type`, `data`) as a trigger event. Everything in
 * it stays data; who did it is decided by account ids of this workspace alone.
 */
import { causeIn, causeOf } from '@viewportai/core/event/cause'
import type { EventActor, TriggerEvent } from '@viewportai/core/event/trigger-event'
import { address } from '@viewportai/core/tools/forge-sight'
import { shortened } from '../tools/shortened.ts'

type Delivered = {
  readonly source: string
  readonly sourceName: string
  readonly id: string
  readonly at: number
  readonly payload: Record<string, unknown>
  /** The header that names the run which set it off; no signature covers it, and the body's own word goes before it. */
  readonly cause?: string | null
  /** With what ids of accounts begin of which the source may say that they did it; null: of any. */
  readonly speaksFor: readonly string[] | null
}
/** A person by the id of an account at a tool (`github:583231`), or null. */
export type ByAccount = (account: string) => { person: string; name: string; teams: string[] } | null

/** The event, with a `note` (a sentence) when something in it could not be taken as it was; or why it cannot be one (a sentence). */
export const readEvent = (
  { source, sourceName, id, at, payload, cause: carried, speaksFor }: Delivered,
  byAccount: ByAccount,
): { event: TriggerEvent; note: string | null } | string => {
  const inner = objectIn(payload['data'])
  const subject = objectIn(payload['subject'] ?? inner['subject'])
  const type = textIn(payload['type'] ?? payload['event']) ?? ''
  const text = textIn(payload['text'] ?? inner['text'] ?? inner['body'] ?? inner['description']) ?? ''
  if (text.length > 200_000) return `Its text has ${text.length} characters; 200,000 are taken.`
  const title =
    textIn(subject['title'] ?? payload['title'] ?? inner['title']) ?? (type || `A delivery of ${sourceName}`)
  const label = textIn(subject['label'] ?? payload['label'] ?? inner['label'] ?? inner['key']) ?? sourceName
  const own = flattened({ ...inner, ...objectIn(payload['fields']) })
  if (typeof own === 'string') return own
  const mayName = (account: string): boolean => speaksFor === null || speaksFor.some((one) => account.startsWith(one))
  const actor = actorOf(payload['actor'], { source, sourceName }, (one) => (mayName(one) ? byAccount(one) : null))
  const notes = [
    own.beyond.length > 0 ? beyondWords(own.beyond) : null,
    // Of an account that nobody linked it makes no difference.
    byAccount(actor.id) !== null && !mayName(actor.id)
      ? unspokenWords(actor.id, { source, sourceName, speaksFor })
      : null,
  ].filter((one) => one !== null)
  const cause = causeIn(payload) ?? causeOf(carried)
  const event: TriggerEvent = {
    tool: 'webhook',
    event: 'received',
    id,
    at,
    actor,
    subject: {
      label: shortened(label, 120),
      title: shortened(title, 300),
      url: address(textIn(subject['url'] ?? payload['url'] ?? inner['url'])),
    },
    fields: {
      ...own.fields,
      source: sourceName,
      type: shortened(type, 2_000),
      title: shortened(title, 300),
      text: shortened(text, 20_000),
    },
    text,
    outsideText: actor.trust !== 'member',
    ...(cause && { cause }),
  }
  return { event, note: notes.join(' ') || null }
}

const unspokenWords = (
  account: string,
  { source, sourceName, speaksFor }: Pick<Delivered, 'source' | 'sourceName' | 'speaksFor'>,
): string =>
  `It says that ${account} did it, and ${sourceName} may speak for ${speaksFor?.length ? `${speaksFor.join(', ')} alone` : 'no account'}, so who did it cannot be told. An admin lets it: viewport sources change ${source} --account ${account.slice(0, account.indexOf(':') + 1) || 'NAME:'}`

const beyondWords = (names: string[]): string =>
  shortened(
    `These fields hold numbers that no program here can read, and were taken as empty: ${names.join(', ')}.`,
    2_000,
  )

/**
 * Who did it: a person of this workspace by account id, somebody who cannot be told, or nobody but the source itself. Only the sender says it, beside
 * `data`: what stands in there may be anybody's.
 */
const actorOf = (
  told: unknown,
  { source, sourceName }: { source: string; sourceName: string },
  byAccount: ByAccount,
): EventActor => {
  const said = objectIn(told)
  const account = textIn(said['id']) ?? (typeof said['id'] === 'number' ? String(said['id']) : null)
  if (account === null) {
    // Somebody did it and is not told: that is not the source itself.
    const trust = told === undefined || told === null ? 'source' : 'unknown'
    return { id: `webhook:${source}`, name: shortened(sourceName, 200), trust, person: null, teams: [] }
  }
  const known = byAccount(account)
  if (known)
    return { id: shortened(account, 200), name: known.name, trust: 'member', person: known.person, teams: known.teams }
  return {
    id: shortened(account, 200),
    name: shortened(textIn(said['name']) ?? account, 200),
    trust: 'unknown',
    person: null,
    teams: [],
  }
}

const fieldsAtMost = 200
const deepest = 6

/**
 * `data.a.b` for every plain value; lists of plain values stay lists. A sentence when there are too many. `beyond`: names of fields
 * with a number like 1e999, which is JSON and which nothing that keeps events can hold.
 */
const flattened = (from: Record<string, unknown>): { fields: TriggerEvent['fields']; beyond: string[] } | string => {
  const fields: TriggerEvent['fields'] = {}
  const beyond: string[] = []
  let count = 0
  const add = (name: string, value: unknown, depth: number): void => {
    if (name.length > 80 || count > fieldsAtMost) return
    if (Array.isArray(value)) {
      if (value.some(isBeyond)) beyond.push(name)
      const plain = value
        .filter((one) => typeof one === 'string' || (typeof one === 'number' && !isBeyond(one)))
        .slice(0, 500)
      fields[name] = plain.map((one) => (typeof one === 'string' ? shortened(one, 2_000) : one))
      count++
    } else if (typeof value === 'object' && value !== null) {
      if (depth < deepest)
        for (const [key, inside] of Object.entries(value))
          if (/^[A-Za-z0-9_-]+$/.test(key)) add(`${name}.${key}`, inside, depth + 1)
    } else if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' || value === null) {
      if (isBeyond(value)) beyond.push(name)
      fields[name] = typeof value === 'string' ? shortened(value, 20_000) : isBeyond(value) ? null : value
      count++
    }
  }
  for (const [key, value] of Object.entries(from)) if (/^[A-Za-z0-9_-]+$/.test(key)) add(`data.${key}`, value, 1)
  return count > fieldsAtMost ? `It has more than ${fieldsAtMost} fields.` : { fields, beyond }
}

const isBeyond = (value: unknown): boolean => typeof value === 'number' && !Number.isFinite(value)

const objectIn = (value: unknown): Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
/** Half of a surrogate pair is no text that everybody reads the same way; it becomes U+FFFD. */
const textIn = (value: unknown): string | null => (typeof value === 'string' ? value.toWellFormed() : null)
