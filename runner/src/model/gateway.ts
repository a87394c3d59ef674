/**
 * What answers when an agent talks to its model?
 * A loopback server of vpd, one per step, with a key that is good here alone and until the step ends. It puts the real key in, lets the few
 * paths through that agents need, counts what providers tell, and stops at the budget. The real key never comes this way back.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { allowsAll, onlyAllowed } from './allowed-model.ts'
import { sayNo } from './answers.ts'
import { askProvider, Unanswered, whyNotAsked } from './ask-provider.ts'
import type { StepBudget } from './budget.ts'
import { countAnswer } from './count-answer.ts'
import { headersTo, shownKeys } from './headers.ts'
import { keyKeeper, type KeyKeeper } from './keep-key.ts'
import type { Secret } from '../egress/encodings.ts'
import { maskerFor, type Masker } from './mask-request.ts'
import { isReadable, passOn } from './pass-on.ts'
import type { Upstream } from './providers.ts'
import { askForUsage, modelIn, readBody, type Held } from './read-body.ts'
import { routeOf, type Route } from './route.ts'

export type ModelGateway = {
  readonly url: string
  readonly port: number
  readonly key: string
  /** Cuts off what is under way. Afterwards the key is good for nothing. */
  close(): Promise<void>
}

// More than any agent opens; what comes on top is dropped, so that vpd keeps its memory and its descriptors.
const connectionsAtMost = 256

/** Starts it on a free loopback port. `say`: a line for the log of the step; it holds no bodies and no keys. */
export const startModelGateway = async (given: {
  upstreams: readonly Upstream[]
  budget: StepBudget
  say(line: string): void
  /** Patterns of models that may be asked; without it all. */
  models?: readonly string[] | undefined
  /** A model that may not be was asked; null: a request named none. */
  onRefused?(model: string | null): void
  /** What this machine knows to be secret, at the time it is asked: masked in what goes to a provider. Without it: the real keys alone. */
  secrets?(): readonly Secret[]
  /** Called before bytes go to a provider; when it rejects they do not go. `masked`: places at which a known secret was taken out. */
  beforeSending?(to: Upstream, bytes: number, masked: number): Promise<void>
}): Promise<ModelGateway> => {
  const own = given.upstreams.map((one) => ({ name: `model-key-${one.name}`, value: one.key }))
  const key = `vpd_${randomBytes(24).toString('base64url')}`
  const ground: Ground = {
    ...given,
    key: digest(key),
    upstreams: new Map(given.upstreams.map((one) => [one.name, { ...one, keeper: keyKeeper(one.key) }])),
    dialects: new Map(given.upstreams.map(({ name, dialect }) => [name, dialect])),
    held: { bytes: 0 },
    closing: new AbortController(),
    hosts: new Set(),
    masker: maskerFor(given.secrets ? () => given.secrets!() : () => own),
    told: new Set(),
  }
  const underWay = new Set<Promise<void>>()
  const server = createServer(
    { maxHeaderSize: 32 * 1024, headersTimeout: 15_000, requestTimeout: 120_000 },
    (request, response) => {
      const work = answer(ground, request, response).catch(() => sayNo(response, 500, 'the gateway failed'))
      underWay.add(work)
      void work.finally(() => underWay.delete(work))
    },
  )
  server.maxConnections = connectionsAtMost
  const cut = (_: IncomingMessage, socket: Duplex): void => void socket.destroy()
  server.on('connect', cut)
  server.on('upgrade', cut)
  server.on('checkExpectation', (_, response: ServerResponse) => sayNo(response, 417, 'nothing is expected here'))
  // Requests that are none: node has parsed nothing, so nothing went on.
  server.on('clientError', (_, socket: Duplex) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n')
    else socket.destroy()
  })
  await new Promise<void>((ready, fail) => server.once('error', fail).listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  for (const name of ['127.0.0.1', 'localhost']) ground.hosts.add(`${name}:${port}`)
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    key,
    async close() {
      ground.closing.abort()
      await new Promise((closed) => {
        server.close(closed)
        server.closeAllConnections()
      })
      await Promise.all(underWay) // what was used up to here is counted
    },
  }
}

type Ground = {
  readonly upstreams: ReadonlyMap<string, Upstream & { readonly keeper: KeyKeeper }>
  readonly dialects: ReadonlyMap<string, Upstream['dialect']>
  readonly budget: StepBudget
  readonly key: Buffer
  readonly held: Held
  readonly closing: AbortController
  readonly hosts: Set<string>
  readonly models?: readonly string[] | undefined
  readonly masker: Masker
  /** Names of secrets of which the log has said that they were masked. */
  readonly told: Set<string>
  say(line: string): void
  onRefused?(model: string | null): void
  beforeSending?(to: Upstream, bytes: number, masked: number): Promise<void>
}

const answer = async (ground: Ground, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const target = request.url ?? ''
  // Whatever a browser or a clever name led here: it is not meant for this address.
  if (!ground.hosts.has(request.headers.host ?? '')) return sayNo(response, 404, 'nothing is there')
  const shown = shownKeys(request.headers, target)
  if (shown.length === 0 || !shown.map((one) => timingSafeEqual(digest(one), ground.key)).every(Boolean))
    return sayNo(response, 401, 'this key is not the one of this step, or the step has ended')
  const route = routeOf(request.method ?? '', target, ground.dialects)
  if ('refused' in route) {
    ground.say(`refused: ${route.refused}`)
    return sayNo(response, 404, `${route.refused}. Agents may ask models here and list them, nothing else.`)
  }
  const mine: Held = { bytes: 0 }
  try {
    const body = await readBody(request, ground.held, mine)
    if (!Buffer.isBuffer(body))
      return sayNo(response, body.refused, body.refused === 413 ? 'the request is too large' : 'too much at once')
    await forward(ground, route, request, body, response)
  } catch (error) {
    if (!request.destroyed || !response.destroyed) throw error // else the agent went away
  } finally {
    ground.held.bytes -= mine.bytes
  }
}

const forward = async (
  ground: Ground,
  route: Route,
  request: IncomingMessage,
  read: Buffer,
  response: ServerResponse,
): Promise<void> => {
  const upstream = ground.upstreams.get(route.provider)!
  const gone = new AbortController()
  response.once('close', () => gone.abort())
  if (response.destroyed) return
  const signal = AbortSignal.any([gone.signal, ground.closing.signal])
  const packing = request.headers['content-encoding']
  const fit =
    route.asks && ground.models && !allowsAll(ground.models)
      ? onlyAllowed(ground.models, route.rest, read, packing)
      : null
  if (fit && 'refused' in fit) {
    const what = fit.refused === null ? 'a request that names no model' : `the model ${fit.refused}`
    ground.say(`refused: ${what}`)
    ground.onRefused?.(fit.refused)
    return sayNo(response, 403, `${what} is not allowed by the policy of this runner (models)`)
  }
  if (ground.masker.has(route.rest)) {
    ground.say('refused: a path that holds a secret of this machine')
    return sayNo(response, 403, 'the path of this request holds a value that is not to leave this machine')
  }
  const clean = ground.masker.body(fit ? fit.body : read, fit ? undefined : packing)
  if (!clean) return sayNo(response, 415, unreadable)
  sayMasked(ground, clean.names)
  const may = { body: clean.body, packing: fit || clean.anew ? undefined : packing }
  const asked = route.form ? askForUsage(may.body, may.packing, route.form) : { body: may.body, changed: false }
  if (!asked) return sayNo(response, 415, unreadable)
  if ('refused' in asked) {
    ground.say(`refused: ${asked.refused}`)
    return sayNo(response, 403, asked.refused)
  }
  const { body } = asked
  const headers = headersTo(upstream, request.headers, body.length, (text) => ground.masker.text(text))
  if (asked.changed || fit || clean.anew) delete headers['content-encoding']

  const sent = { provider: route.provider, model: modelIn(body, route.rest), bytes: body.length }
  const running = route.asks ? await ground.budget.begin(sent, signal) : null
  if (signal.aborted && running === null) return void response.destroy()
  if (running && 'words' in running) return sayNo(response, 403, `the budget is spent: ${running.words}`)

  const began = performance.now()
  const end = (ended: Parameters<NonNullable<typeof running>['end']>[0], status: string): void => {
    if (!running) return
    ground.say(`${route.provider} ${status} ${Math.round(performance.now() - began)} ms, ${running.end(ended)}`)
  }
  try {
    await ground.beforeSending?.(upstream, body.length, clean.names.length)
    const from = await askProvider({
      upstream,
      method: request.method ?? 'GET',
      rest: route.rest,
      headers,
      body,
      signal,
    })
    const status = from.statusCode ?? 502
    const why =
      status < 200 || (status >= 300 && status < 400)
        ? 'the gateway follows no redirects'
        : isReadable(from)
          ? null
          : 'its answer is packed in a way that the gateway does not know'
    if (why !== null) {
      from.destroy()
      end({ ...nothingCame, answered: status >= 200 && status < 300 }, String(status))
      return sayNo(response, 502, `${route.provider} answered ${status}: ${why}`)
    }
    const passed = await passOn(from, response, upstream.keeper, (count) => running?.grew(count))
    end(passed, `${status}${passed.whole ? '' : ', cut off after'}`)
  } catch (error) {
    // Sent and not answered: a provider may have begun to work on it. Not reached: nothing was used.
    const reached = error instanceof Unanswered
    end({ ...nothingCame, answered: reached }, signal.aborted ? 'cut off' : reached ? 'not answered' : 'not reached')
    if (!signal.aborted) sayNo(response, 502, `${route.provider} could not be asked: ${whyNotAsked(error)}`)
    else response.destroy()
  }
}

const unreadable = 'this request cannot be read: send it as JSON, plain or packed with gzip'

/** Once for each secret: a conversation is sent again and again. */
const sayMasked = (ground: Ground, names: readonly string[]): void => {
  const fresh = [...new Set(names)].filter((name) => !ground.told.has(name))
  for (const name of fresh) ground.told.add(name)
  if (fresh.length > 0)
    ground.say(`masked in what the model is sent, because this machine knows it as a secret: ${fresh.join(', ')}`)
}

/** Of an answer of which nothing came. */
const nothingCame = { count: countAnswer(false), bytes: 0, whole: false } as const

/** Keys are compared by digests of one length, in constant time. */
const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
