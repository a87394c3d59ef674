/**
 * `POST /hooks/:source`: how does an event come in?
 * Bytes are read, their signature is checked, they are stored once, and the sender hears 202. Nothing else happens before
 * that: what follows is work of the engine.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { Context } from '../context.ts'
import { sendRefusal } from '../http/problem.ts'
import { readStrictJson } from '../http/strict-json.ts'
import { secretBytes } from '../sources/secret.ts'
import { makePace } from './pace.ts'
import { keepRefused } from './refused.ts'
import { misfit, readSigned } from './signature.ts'
import { DeliveryStore } from './store.ts'

/** Bytes of a delivery at most. */
const deliveryLimit = 1_048_576

type Known = { readonly workspace: string; readonly secret: Buffer }
const sourcesKept = 10_000

/** Adds the route. */
export const serveHooks = async (app: FastifyInstance, { db, key, engine, log }: Context): Promise<void> => {
  const pace = makePace((workspace) => engine.start('intake', workspace, workspace))
  const store = new DeliveryStore(db, pace.soon)
  app.addHook('onClose', async () => pace.close())
  // A source's secret never changes; that it still exists is asked when the delivery is stored.
  const known = new Map<string, Known>()

  const sourceOf = async (source: string): Promise<Known | null> => {
    const held = known.get(source)
    if (held || !/^src_\w{1,30}$/.test(source)) return held ?? null
    const { rows } = await db.app.query<{ workspace: string; sealed: string }>({
      name: 'source of',
      text: 'select workspace, sealed from vp.source_of($1)',
      values: [source],
    })
    if (!rows[0]) return null
    const found = { workspace: rows[0].workspace, secret: secretBytes(key, source, rows[0].sealed) }
    if (known.size >= sourcesKept) known.clear()
    known.set(source, found)
    return found
  }

  const take = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    const { source } = request.params as { source: string }
    const from = await sourceOf(source)
    if (!from) return sendRefusal(reply, refuse('source_unknown'))
    const body = (request.body as Buffer | undefined) ?? Buffer.alloc(0)
    const signed = readSigned(request.headers)
    const no = isRefusal(signed)
      ? signed
      : (misfit(signed, body, from.secret, Math.floor(Date.now() / 1_000)) ?? flawOf(body))
    if (isRefusal(signed) || no) {
      await keepRefused(db, { workspace: from.workspace, source }, no as Refusal).catch((error: Error) =>
        log.warn({ err: error, source }, 'A refused delivery could not be recorded.'),
      )
      return sendRefusal(reply, no as Refusal)
    }
    const stored = await store.keep({ workspace: from.workspace, source, id: signed.id, body })
    if (!stored) {
      known.delete(source)
      return sendRefusal(reply, refuse('source_unknown'))
    }
    return reply
      .code(202)
      .header('cache-control', 'no-store')
      .type('application/json; charset=utf-8')
      .send(`{"delivery":"${stored.delivery}","repeat":${stored.repeat}}`)
  }

  await app.register(async (hooks) => {
    hooks.removeAllContentTypeParsers()
    hooks.addContentTypeParser(
      'application/json',
      { parseAs: 'buffer', bodyLimit: deliveryLimit },
      (_request, body, done) => done(null, body),
    )
    hooks.addHook('onRequest', async (request, reply) => {
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
    hooks.post('/hooks/:source', { bodyLimit: deliveryLimit }, take)
  })
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
