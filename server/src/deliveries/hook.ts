/**
 * `POST /hooks/:source`: how does an event come in?
 * Bytes are read, their signature is checked, they are stored once, and the sender hears 202. Nothing else happens before
 * that: what follows is work of the engine.
 */
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { Context } from '../context.ts'
import { Refused, sendRefusal } from '../http/problem.ts'
import { takeBodies } from '../http/read-body.ts'
import { readStrictJson } from '../http/strict-json.ts'
import { signingBytes } from '../sources/secret.ts'
import type { Arrived, Connection } from '../tools/port.ts'
import { signingField } from '../tools/signing.ts'
import { toolNamed } from '../tools/table.ts'
import { byAnySecret, type Candidate, type Judged } from './any-secret.ts'
import { keepTaken, stoodSoon } from './keep-taken.ts'
import { knownSources, type KnownSource } from './known-source.ts'
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

/** So often a delivery is judged anew because what signs was changed while it came in. */
const turnsAtMost = 4

/** Adds the route. */
export const serveHooks = async (app: FastifyInstance, context: Context): Promise<void> => {
  const { db, key, engine, log, own, outside } = context
  const pace = makePace((workspace) => engine.start('intake', workspace, workspace))
  const store = new DeliveryStore(db, 'webhook', pace.soon)
  app.addHook('onClose', async () => pace.close())
  const sources = knownSources({ db, key })

  /** A webhook in the form of Standard Webhooks. */
  const takeSigned = (from: KnownSource, { headers, body, at }: Arrived, media: string): Judged => {
    if (media !== 'application/json') {
      const facts = { found: media || 'nothing', expected: 'application/json' }
      return { taken: refuse('media_refused', facts), old: null }
    }
    if (body.length > deliveryLimit) return { taken: refuse('too_large', { limit: deliveryLimit }), old: null }
    const signed = readSigned(headers)
    if (isRefusal(signed)) return { taken: signed, old: null }
    return byAnySecret(sources.secretsOf(from), at, (secret) => {
      const no = misfit(signed, body, signingBytes(secret), Math.floor(at / 1_000)) ?? flawOf(body)
      return no ?? { id: signed.id }
    })
  }

  const takeByTool = async (from: KnownSource, arrived: Arrived, media: string): Promise<Judged> => {
    const tool = toolNamed(from.kind)
    const hook = tool?.hook
    const connection = hook ? await sources.connectionOf(from) : null
    if (!hook || !connection) return { taken: refuse('source_unknown'), old: null }
    if (!hook.media.includes(media)) {
      const facts = { found: media || 'nothing', expected: hook.media.join(' or ') }
      return { taken: refuse('media_refused', facts), old: null }
    }
    const signs = signingField(tool)?.name
    const before = signs === undefined ? [] : sources.oldOf(from)
    const candidates: [Candidate<Connection>, ...Candidate<Connection>[]] = [
      { with: connection, old: null, until: Infinity },
      ...before.map((one) => ({
        ...one,
        with: { ...connection, secrets: { ...connection.secrets, [signs!]: one.with } },
      })),
    ]
    return byAnySecret(candidates, arrived.at, (one) => {
      const taken = hook.take(arrived, one)
      if (isRefusal(taken) || 'answer' in taken) return taken
      return (media === 'application/json' ? flawOf(arrived.body) : textFlawOf(arrived.body)) ?? taken
    })
  }

  /** Judged by what is remembered of the address, or else by what stands there now. */
  const take = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const arrived: Arrived = {
      headers: plainHeaders(request.headers),
      body: (request.body as Buffer | undefined) ?? Buffer.alloc(0),
      at: Date.now(),
      query: request.raw.url?.split('?').slice(1).join('?') ?? '',
    }
    const { source } = request.params as { source: string }
    for (let turn = 0; turn < turnsAtMost; turn++) {
      const known = await sources.of(source, turn > 0)
      if (known === null) break
      if (await takeFrom(known, arrived, request, reply)) return reply
    }
    return sendRefusal(reply, refuse('source_unknown'))
  }

  /** False: nothing was answered, for what is known of the address is not good any more, or may not be. A reply is no answer here: it is a promise itself. */
  const takeFrom = async (
    { from, remembered }: { readonly from: KnownSource; readonly remembered: boolean },
    arrived: Arrived,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<boolean> => {
    const { source, workspace, kind } = from
    const media = (request.headers['content-type'] ?? '').split(';')[0]!.trim().toLowerCase()
    const { taken, old } =
      from.connection === null ? takeSigned(from, arrived, media) : await takeByTool(from, arrived, media)
    // Neither is a no said, nor a button pressed, by a secret that may have been changed since.
    if (remembered && (isRefusal(taken) || 'click' in taken)) return false
    if (isRefusal(taken)) {
      await keepRefused(db, { workspace, source, tool: kind }, taken).catch((error: Error) =>
        log.warn({ err: error, source }, 'A refused delivery could not be recorded.'),
      )
      sendRefusal(reply, taken)
      return true
    }
    reply.header('cache-control', 'no-store')
    if ('answer' in taken) {
      reply.code(200).type(taken.answer.media).send(taken.answer.body)
      return true
    }
    if ('click' in taken) {
      const by = await sources.connectionOf(from)
      answerClick({ db, outside, address: () => own.url }, from, taken.click, by).catch((error: Error) =>
        log.warn({ err: error, source }, 'A button that was pressed did nothing.'),
      )
      reply.code(200).send('') // Slack shows a warning after three seconds; the answer comes by itself
      return true
    }
    const stored = await keepTaken(store, { ...from, old }, taken, arrived, media)
    if (!stored) return false // the address was removed, or what signs was changed, a moment ago
    if (taken.plainly) reply.code(200).send('')
    else if (taken.words) {
      const words = taken.words(await stoodSoon(db, from, stored.delivery, own.url))
      reply.code(200).type(words.media).send(words.body)
    } else
      reply
        .code(202)
        .type('application/json; charset=utf-8')
        .send(JSON.stringify({ ...stored, ...(taken.note !== undefined && { note: taken.note }) }))
    return true
  }

  /** What is refused before its signature is looked at is told to its admin all the same. */
  const keepUnread = async (request: FastifyRequest, refusal: Refusal): Promise<void> => {
    const known = await sources.of((request.params as { source: string }).source, false)
    if (known === null) return
    const { source, workspace, kind } = known.from
    await keepRefused(db, { workspace, source, tool: kind }, refusal).catch((error: Error) =>
      log.warn({ err: error, source }, 'A refused delivery could not be recorded.'),
    )
  }
  /** A body whose media type nothing reads: by what is taken at this very address. */
  const unreadMedia = async (request: FastifyRequest): Promise<Refusal> => {
    const known = await sources.of((request.params as { source: string }).source, false)
    const taken = known?.from.connection ? toolNamed(known.from.kind)?.hook?.media : undefined
    const found = request.headers['content-type']?.slice(0, 80) || 'no content type'
    return refuse('media_refused', { found, expected: taken?.join(' or ') ?? 'application/json' })
  }

  await app.register(async (hooks) => {
    hooks.removeAllContentTypeParsers()
    hooks.setErrorHandler<FastifyError>(async (error, request) => {
      const refused = error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE' ? new Refused(await unreadMedia(request)) : error
      if (refused instanceof Refused) await keepUnread(request, refused.refusal)
      throw refused
    })
    takeBodies(hooks, { media: medias, limit: toolLimit, read: (body) => body })
    hooks.addHook('onRequest', async (request, reply) => {
      // Whoever knows no address of ours has nothing of theirs read.
      if (!(await sources.of((request.params as { source: string }).source, false)))
        return sendRefusal(reply, refuse('source_unknown'))
      const encoding = request.headers['content-encoding']
      if (encoding !== undefined && encoding !== 'identity')
        throw new Refused(
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
