/**
 * Is a delivery of Slack genuine, sent a moment ago, and for this workspace and app?
 * `X-Slack-Signature` is an HMAC-SHA-256 of version, time and the exact bytes. https://docs.slack.dev/authentication/verifying-requests-from-slack
 */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import { readStrictJson } from '../../http/strict-json.ts'
import type { Account } from '@viewportai/core/tools/port'
import type { Arrived, Click, Connection, Hook, Taken } from '../port.ts'
import { answerFor } from './command-answer.ts'
import { teamOf } from '@viewportai/core/tools/slack/fields'
import { refOf } from '@viewportai/core/tools/slack/message'
import { choiceName, dialogName, wordsName } from './show.ts'
import { payloadIn, teamsIn, type Payload } from './told.ts'

/** Slack's own advice (ms). */
const freshMillis = 300_000

export const hook: Hook = {
  media: ['application/json', 'application/x-www-form-urlencoded'],
  keeps: [],
  take(arrived, connection) {
    const no = unsigned(arrived, connection.secrets['signing'])
    if (no) return no
    const value = isForm(arrived) ? valueOfForm(arrived.body) : valueOfJson(arrived.body)
    return isRefusal(value) ? value : takeValue(value, connection)
  },
}

const isForm = ({ headers }: Arrived): boolean =>
  /^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '')

const unsigned = ({ headers, body, at }: Arrived, secret: string | undefined): Refusal | null => {
  const no = (why: string): Refusal => refuse('signature_invalid', { why })
  if (!secret) return no('this connection has no signing secret')
  const given = /^v0=([0-9a-f]{64})$/.exec(headers['x-slack-signature'] ?? '')
  if (!given)
    return no(
      headers['x-slack-signature']
        ? 'X-Slack-Signature is not v0= and 64 digits'
        : 'the header X-Slack-Signature is missing',
    )
  const time = headers['x-slack-request-timestamp'] ?? ''
  if (!/^\d{1,12}$/.test(time)) return no('X-Slack-Request-Timestamp is no time')
  const expected = createHmac('sha256', secret).update(`v0:${time}:`).update(body).digest()
  if (!timingSafeEqual(expected, Buffer.from(given[1]!, 'hex')))
    return no('it was made with another secret, or the body was changed')
  const age = at - Number(time) * 1_000
  if (age > freshMillis) return refuse('delivery_stale', { age: Math.floor(age / 1_000) })
  return age < -freshMillis ? no(`it is dated ${Math.floor(-age / 1_000)} seconds ahead of this server's clock`) : null
}

const valueOfJson = (body: Buffer): unknown => {
  const read = readStrictJson(body.toString('utf8'))
  if (!read.ok) return refuse('invalid', { where: 'body', why: read.why })
  return typeof read.value === 'object' && read.value !== null && !Array.isArray(read.value)
    ? read.value
    : refuse('invalid', { where: 'body', why: 'it is not a JSON object' })
}

/** A command is a form of fields; an interaction is JSON in the field `payload`. Both become one object. */
const valueOfForm = (body: Buffer): unknown => {
  const form = new URLSearchParams(body.toString('utf8'))
  const payload = form.get('payload')
  if (payload !== null) return valueOfJson(Buffer.from(payload))
  const fields = Object.fromEntries(form)
  return { ...fields, type: fields['ssl_check'] === '1' ? 'ssl_check' : 'slash_commands' }
}

/** What of it is kept: not what opens something at Slack for whoever reads it. */
const opening = new Set(['token', 'response_url', 'response_urls'])
const kept = (value: object): Buffer =>
  Buffer.from(JSON.stringify(Object.fromEntries(Object.entries(value).filter(([name]) => !opening.has(name)))))

/** A delivery that is known to come from Slack, in its one form. Sockets come here too. */
export const takeValue = (value: unknown, connection: Pick<Connection, 'account'>): Taken | Refusal => {
  const payload = payloadIn(value)
  if (typeof payload === 'string') return refuse('invalid', { where: 'body', why: payload })
  if (payload.type === 'other') {
    if (payload.was === 'url_verification')
      return { answer: { media: 'text/plain; charset=utf-8', body: payload.challenge ?? '' } }
    if (payload.was === 'ssl_check') return { answer: { media: 'text/plain; charset=utf-8', body: '' } }
  }
  const elsewhere = strange(payload, connection.account)
  if (elsewhere) return refuse('signature_invalid', { why: elsewhere })
  const body = kept(value as object)
  switch (payload.type) {
    case 'event_callback':
      return { id: payload.event_id, body }
    case 'slash_commands':
      return { id: `command ${payload.trigger_id}`, body, words: answerFor }
    case 'shortcut':
    case 'message_action':
      return { id: `shortcut ${payload.trigger_id}`, body, plainly: true }
    case 'block_actions':
      return { click: clickOf(payload) }
    case 'view_submission':
      return { click: sentBy(payload) }
    case 'other':
      return { id: `${payload.was} ${createHmac('sha256', 'other').update(body).digest('hex').slice(0, 32)}`, body }
  }
}

/** Is it for another workspace or another app than this connection's? */
const strange = (payload: Payload, account: Account | null): string | null => {
  const ours = teamOf(account)
  if (ours === null) return null
  const teams = teamsIn(payload)
  if (teams.length > 0 && !teams.includes(ours))
    return `it is of the Slack workspace ${teams[0]}, and this connection is of ${ours}`
  const app = account?.app
  if (app !== undefined && payload.api_app_id !== null && payload.api_app_id !== app)
    return `it is of the app ${payload.api_app_id}, and this connection is of ${app}`
  return null
}

const clickOf = (told: Extract<Payload, { type: 'block_actions' }>): Click => ({
  value: told.actions[0]!.value ?? '',
  by: accountOf(told),
  on: told.channel && told.message?.ts ? refOf(told.channel.id, told.message.ts, told.message.thread_ts) : null,
  opens: told.trigger_id,
  said: null,
})

const accountOf = ({ team, user }: Pick<Extract<Payload, { type: 'view_submission' }>, 'team' | 'user'>): string =>
  `${user.team_id ?? team?.id ?? ''}/${user.id}`

const Carried = z.strictObject({ value: z.string(), on: z.string().nullable() })

/** A dialog that was sent off. What it carried, Slack kept for us; one that is none of ours does nothing. */
const sentBy = (told: Extract<Payload, { type: 'view_submission' }>): Click => {
  const { callback_id: name, private_metadata: held, state } = told.view
  const json = readStrictJson(held ?? '')
  const carried = name === dialogName && json.ok ? Carried.safeParse(json.value).data : undefined
  const values = state?.values ?? {}
  return {
    value: carried?.value ?? '',
    by: accountOf(told),
    on: carried?.on ?? null,
    opens: null,
    said: {
      choice: values[choiceName]?.[choiceName]?.selected_option?.value ?? '',
      words: values[wordsName]?.[wordsName]?.value ?? '',
    },
  }
}
