/**
 * How does Slack tell over a connection that we opened (Socket Mode)?
 * Each message is acknowledged once it is stored. Slack closes a connection every few hours and says so before; the next one is opened then.
 * https://docs.slack.dev/apis/events-api/using-socket-mode
 */
import { z } from 'zod'
import { refuse } from '@viewportai/core/refusal'
import { readStrictJson } from '../../http/strict-json.ts'
import type { Line, LineSaid } from '../port.ts'
import { askSlack, dataOf } from '@viewportai/core/tools/slack/ask'
import { takeValue } from './verify.ts'

const Envelope = z.looseObject({
  type: z.string().max(60),
  envelope_id: z.string().max(120).optional(),
  reason: z.string().max(120).optional(),
  payload: z.record(z.string(), z.unknown()).optional(),
  accepts_response_payload: z.boolean().optional(),
  connection_info: z.looseObject({ app_id: z.string().max(40).optional() }).optional(),
})

export const line: Line = {
  wanted: ({ secrets }) => secrets['app'] !== undefined,

  async address(connection, outside) {
    const { url } = dataOf(await askSlack(connection, outside, 'apps.connections.open', {}, { token: 'app' }))
    if (typeof url !== 'string' || !URL.canParse(url)) throw new Error('Slack names no address for Socket Mode')
    return url
  },

  read(text, connection): LineSaid {
    const strict = readStrictJson(text)
    const read = strict.ok ? Envelope.safeParse(strict.value) : null
    if (!read?.success) return { is: 'nothing' }
    const { type, envelope_id: id, reason, payload, accepts_response_payload: accepts } = read.data
    if (type === 'hello') {
      const app = read.data.connection_info?.app_id
      const ours = connection.account?.app
      return {
        is: 'ready',
        problem:
          app !== undefined && ours !== undefined && app !== ours
            ? `The app-level token is of the app ${app}, and the bot token of ${ours}. Give both of one app.`
            : null,
      }
    }
    if (type === 'disconnect')
      return reason === 'link_disabled'
        ? { is: 'ending', anew: false, why: 'Socket Mode is switched off for this app in Slack.' }
        : { is: 'ending', anew: true, why: `Slack ends it (${(reason ?? 'no reason').slice(0, 60)})` }
    if (id === undefined) return { is: 'nothing' }
    return {
      is: 'delivery',
      taken:
        payload === undefined
          ? refuse('invalid', { where: 'body', why: 'it has no payload' })
          : takenOf(type, payload, connection),
      body: Buffer.from(JSON.stringify(payload ?? {})),
      answer: (words) =>
        JSON.stringify({
          envelope_id: id,
          ...(words !== null && accepts === true ? { payload: JSON.parse(words.body) as unknown } : {}),
        }),
    }
  },
}

/** A command has no type of its own in here; its envelope says what it is. */
const takenOf = (type: string, payload: Readonly<Record<string, unknown>>, connection: Parameters<Line['read']>[1]) =>
  takeValue(type === 'slash_commands' ? { ...payload, type } : payload, connection)
