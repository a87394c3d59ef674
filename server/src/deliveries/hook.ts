/**
 * `POST /hooks/:source`: how does an event come in?
 * Bytes are read, their signature is checked, they are stored once, and the sender hears 202. Nothing else happens before
 * that: what follows is work of the engine.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import { sendRefusal } from '../http/problem.ts'
import { takeBodies } from '../http/read-body.ts'
import { readStrictJson } from '../http/strict-json.ts'
import { secretBytes } from '../sources/secret.ts'
import { opened, readConnection } from '../tools/connections.ts'
import type { Arrived, Connection, Taken } from '../tools/port.ts'
import { toolNamed } from '../tools/table.ts'
import { keepTaken, stoodSoon } from './keep-taken.ts'
import { answerClick } from '../status/answer-click.ts'
import { makePace } from './pace.ts'
import { keepRefused } from './refused.ts'
import { misfit, readSigned } from './signature.ts'
import { DeliveryStore } from './store.ts'

/** Bytes of a delivery at most: of a webhook of anybody's, and of a tool's (GitHub tells of a whole push at once). */
const deliveryLimit = 1_048_576
const toolLimit = 5_242_880
const medias = [
  'application/json',
  'application/x-www-form-urlencoded',
  'application/xml',
  'text/xml',
  'application/octet-stream',
]

type Known = {
  readonly workspace: string
  readonly kind: string
  readonly sealed: string
  readonly connection: string | null
}
const sourcesKept = 10_000
/** A connection's secrets may be changed: they are read anew after so many milliseconds. */
const connectionMillis = 5_000

/** Adds the route. */
export const serveHooks = async (app: FastifyInstance, context: Context): Promise<void> => {
  const { db, key, engine, log, own, outside } = context
  const pace = makePace((workspace) => engine.start('intake', workspace, workspace))
  const store = new DeliveryStore(db, 'webhook', pace.soon)
  app.addHook('onClose', async () => pace.close())
  // A source's secret never changes; that it still exists is asked when the delivery is stored.
  const known = new Map<string, Known>()
  const connections = new Map<string, { until: number; connection: Connection }>()

  const sourceOf = async (source: string): Promise<Known | null> => {
    const held = known.get(source)
    if (held || !/^src_\w{1,30}$/.test(source)) return held ?? null
    const { rows } = await db.app.query<Known>({
      name: 'source of',
      text: 'select workspace, kind, sealed, connection from vp.source_of($1)',
      values: [source],
    })
    if (!rows[0]) return null
    if (known.size >= sourcesKept) known.clear()
    known.set(source, rows[0])
    return rows[0]
  }

  const connectionOf = async ({ workspace, connection }: Known): Promise<Connection | null> => {
    const held = connections.get(connection!)
    if (held && held.until > Date.now()) return held.connection
    const row = await inWorkspace(db, workspace, (tx) => readConnection(tx, connection!))
    if (!row) return null
    if (connections.size >= sourcesKept) connections.clear()
    const made = { until: Date.now() + connectionMillis, connection: opened(key, workspace, row) }
    connections.set(connection!, made)
    return made.connection
  }

  /** A webhook in the form of Standard Webhooks. */
  const takeSigned = ({ sealed }: Known, source: string, { headers, body, at }: Arrived): Taken | Refusal => {
    if (body.length > deliveryLimit) return refuse('too_large', { limit: deliveryLimit })
    const signed = readSigned(headers)
    if (isRefusal(signed)) return signed
    const no = misfit(signed, body, secretBytes(key, source, sealed), Math.floor(at / 1_000)) ?? flawOf(body)
    return no ?? { id: signed.id }
  }

  const takeByTool = async (from: Known, arrived: Arrived, media: string): Promise<Taken | Refusal> => {
    const hook = toolNamed(from.kind)?.hook
    const connection = hook ? await connectionOf(from) : null
    if (!hook || !connection) return refuse('source_unknown')
    if (!hook.media.includes(media))
      return refuse('media_refused', { found: media || 'nothing', expected: hook.media.join(' or ') })
    const taken = hook.take(arrived, connection)
    if (isRefusal(taken) || 'answer' in taken) return taken
    return (media === 'application/json' ? flawOf(arrived.body) : textFlawOf(arrived.body)) ?? taken
  }

  const take = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { source } = request.params as { source: string }
    const from = await sourceOf(source)
    if (!from) return sendRefusal(reply, refuse('source_unknown'))
    const media = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()
    const webhook = from.connection === null
    if (webhook && media !== 'application/json')
      return sendRefusal(reply, refuse('media_refused', { found: media || 'nothing', expected: 'application/json' }))
    const arrived: Arrived = {
      headers: plainHeaders(request.headers),
      body: (request.body as Buffer | undefined) ?? Buffer.alloc(0),
      at: Date.now(),
      query: request.raw.url?.split('?').slice(1).join('?') ?? '',
    }
    const taken = webhook ? takeSigned(from, source, arrived) : await takeByTool(from, arrived, media)
    if (isRefusal(taken)) {
      await keepRefused(db, { workspace: from.workspace, source, tool: from.kind }, taken).catch((error: Error) =>
        log.warn({ err: error, source }, 'A refused delivery could not be recorded.'),
      )
      return sendRefusal(reply, taken)
    }
    reply.header('cache-control', 'no-store')
    if ('answer' in taken) return reply.code(200).type(taken.answer.media).send(taken.answer.body)
    if ('click' in taken) {
      const heard = answerClick({ db, outside, address: () => own.url }, from, taken.click, await connectionOf(from))
      heard.catch((error: Error) => log.warn({ err: error, source }, 'A button that was pressed did nothing.'))
      return reply.code(200).send('') // Slack shows a warning after three seconds; the answer comes by itself
    }
    const stored = await keepTaken(store, { ...from, source }, taken, arrived, media)
    if (!stored) {
      known.delete(source)
      return sendRefusal(reply, refuse('source_unknown'))
    }
    if (taken.plainly) return reply.code(200).send('')
    if (taken.words) {
      const words = taken.words(await stoodSoon(db, from, stored.delivery, own.url))
      return reply.code(200).type(words.media).send(words.body)
    }
    return reply
      .code(202)
      .type('application/json; charset=utf-8')
      .send(`{"delivery":"${stored.delivery}","repeat":${stored.repeat}}`)
  }

  await app.register(async (hooks) => {
    hooks.removeAllContentTypeParsers()
    takeBodies(hooks, { media: medias, limit: toolLimit, read: (body) => body })
    hooks.addHook('onRequest', async (request, reply) => {
      // Whoever knows no address of ours has nothing of theirs read.
      if (!(await sourceOf((request.params as { source: string }).source)))
        return sendRefusal(reply, refuse('source_unknown'))
      const encoding = request.headers['content-encoding']
      if (encoding !== undefined && encoding !== 'identity')
        return sendRefusal(
          reply,
          refuse('media_refused', {
            found: `A body with content-encoding ${encoding.slice(0, 40)}`,
            expected: 'a plain one, because the signature covers exact bytes',
          }),
        )
      return undefined
    })
    hooks.post('/hooks/:source', take)
  })
}

/** Headers in lower case, one text each. */
const plainHeaders = (headers: FastifyRequest['headers']): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) => (typeof value === 'string' ? [[name, value] as const] : [])),
  )

/** A form must be text that the database can hold; what it says is the tool's to read. */
const textFlawOf = (body: Buffer): Refusal | null => {
  try {
    return utf8.decode(body).includes('\0') ? refuse('invalid', { where: 'body', why: 'it holds a NUL' }) : null
  } catch {
    return refuse('invalid', { where: 'body', why: 'it is not UTF-8' })
  }
}

/** Signed, but no JSON object that everybody reads in the same way. */
const flawOf = (body: Buffer): Refusal | null => {
  let text: string
  try {
    text = utf8.decode(body)
  } catch {
    return refuse('invalid', { where: 'body', why: 'it is not UTF-8' })
  }
  const read = readStrictJson(text)
  if (!read.ok) return refuse('invalid', { where: 'body', why: read.why })
  return typeof read.value === 'object' && read.value !== null && !Array.isArray(read.value)
    ? null
    : refuse('invalid', { where: 'body', why: 'it is not a JSON object' })
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
