/**
 * Where do runners call?
 * The routes below /wire: each proves who calls, reads the message with core's schema, and answers with a problem document when refused.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { z } from 'zod'
import { isRefusal, refuse } from '@viewportai/core/refusal'
import {
  AckRequest,
  BeatRequest,
  HelloRequest,
  LeaseRequest,
  type KeysAnswer,
  OrdersRequest,
  RefuseRequest,
  ReportRequest,
} from '@viewportai/core/wire/messages'
import { ErrandReport } from '@viewportai/core/wire/errand'
import { LookReport } from '@viewportai/core/wire/look'
import { Sha256 } from '@viewportai/core/ids'
import type { BodyPort } from '../body-port.ts'
import { inWorkspace } from '../database/tenant.ts'
import { takeErrand } from '../errands/take.ts'
import { sendRefusal } from '../http/problem.ts'
import { strangersBody, strictJsonIn, takeBodies } from '../http/read-body.ts'
import { firstUnwritable, unwritableWords } from '../http/unwritable.ts'
import { openRelayDoor, type DoorLimits } from '../relay/door.ts'
import type { KnownRunner, WireContext } from './context.ts'
import { refuseDoubled } from './doubled.ts'
import { acknowledge, beat, refuseLease } from './held.ts'
import { hello } from './hello.ts'
import { offerWork } from './offer.ts'
import { takeLook } from './looks.ts'
import { leaveRun, whyNoMore } from './one-run.ts'
import { openOrderLine } from './order-line.ts'
import { takeOrders } from './orders.ts'
import { beginPairing, pollPairing } from './pairing.ts'
import { takeReports } from './reports.ts'
import { LogQuery, StoreQuery, storeBody, storeLimit, storeLog } from './stored.ts'
import { giveToken, knownRunner } from './token.ts'
import { Transfers } from './transfers.ts'
import { introduced } from './versions.ts'
import { listening, longPoll } from './waiting.ts'
import { openWorkLine, type WorkLine } from './work-line.ts'

type Handle = (known: KnownRunner, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
/** A route of runners: who calls is known before a byte of what it sends is read. */
type RunnerRoute = {
  onRequest: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
  handler: (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>
}
const messageLimit = 8_388_608 // a change of 5,000 files is a long report

/** None at all when nothing was sent. */
const bytesIn = ({ body }: FastifyRequest): Buffer => (body as Buffer | null | undefined) ?? Buffer.alloc(0)

/** Registers the wire and returns the port through which the API reads bodies and logs from runners. */
export const registerWire = async (
  app: FastifyInstance,
  context: WireContext,
  relays: Partial<DoorLimits> = {},
): Promise<BodyPort> => {
  openRelayDoor(app, context, relays)
  const transfers = new Transfers()
  const failed = (error: unknown): void =>
    context.log.warn({ err: error }, 'A look for waiting runners failed; the next one follows.')
  const [line, orders] = [openWorkLine(context.db, failed), openOrderLine(context.db, failed)]
  app.addHook('onClose', async () => {
    line.close()
    orders.close()
  })
  await app.register(
    async (wire) => {
      wire.removeAllContentTypeParsers()
      takeBodies(wire, { media: ['application/json'], limit: messageLimit, read: strictJsonIn })
      wire.addHook('preHandler', async (request, reply) => {
        const { params, query, body } = request
        // A report and the reason of a refusal become facts, and an agent may have printed NUL.
        const facts = /\/(reports|refuse)$/.test(request.routeOptions.url ?? '')
        const message = body instanceof Uint8Array ? null : firstUnwritable(body, 'message', facts)
        const where = firstUnwritable(params, 'path') ?? firstUnwritable(query, 'query') ?? message
        if (where === null) return undefined
        return sendRefusal(reply, refuse('invalid', { where, why: unwritableWords }))
      })
      const answer = async (reply: FastifyReply, result: unknown): Promise<unknown> =>
        isRefusal(result)
          ? sendRefusal(reply, result)
          : result === null || result === undefined
            ? reply.code(204).send()
            : reply.send(result)
      // Anybody may send these three, and the first is kept.
      const stranger = { config: { bodyMost: strangersBody } }
      wire.post('/pairings', stranger, async (request, reply) => answer(reply, await beginPairing(context, request)))
      wire.post('/pairings/poll', stranger, async (request, reply) =>
        answer(reply, await pollPairing(context, request)),
      )
      wire.post('/token', stranger, async (request, reply) => answer(reply, await giveToken(context, request)))
      const callers = new WeakMap<FastifyRequest, KnownRunner>()
      /** Token and proof stand in the headers, so a stranger's message costs no reading. `one`: only the program that came online last. */
      const proven =
        (one: boolean) =>
        async (request: FastifyRequest, reply: FastifyReply): Promise<unknown> => {
          const runner = await knownRunner(context, request)
          if (isRefusal(runner)) return sendRefusal(reply, runner)
          if (one && runner.overtaken) return sendRefusal(reply, await refuseDoubled(context.db, runner, request.ip))
          callers.set(request, runner)
          return undefined
        }
      const after = (onRequest: RunnerRoute['onRequest'], handle: Handle): RunnerRoute => ({
        onRequest,
        handler: async (request, reply) => answer(reply, await handle(callers.get(request)!, request, reply)),
      })
      const known = (handle: Handle): RunnerRoute => after(proven(false), handle)
      /** For all that only the one program may do that came online last. */
      const working = (handle: Handle): RunnerRoute => after(proven(true), handle)
      const lease = (request: FastifyRequest): string => (request.params as { lease: string }).lease
      wire.post(
        '/hello',
        known(async (runner, request) => {
          const said = introduced(HelloRequest, request.body)
          return isRefusal(said) ? said : hello(context, runner, said, request.ip)
        }),
      )
      wire.post(
        '/keys',
        known(async (): Promise<z.input<typeof KeysAnswer>> => ({ successions: [...context.keys.successions()] })),
      )
      wire.post(
        '/leases',
        working((runner, request, reply) => askForWork(context, line, runner, LeaseRequest.parse(request.body), reply)),
      )
      wire.post(
        '/leases/:lease/ack',
        working((runner, request) =>
          acknowledge(context, runner, lease(request), AckRequest.parse(request.body).epoch),
        ),
      )
      wire.post(
        '/leases/:lease/refuse',
        working(async (runner, request) => {
          const { epoch, failure } = RefuseRequest.parse(request.body)
          return refuseLease(context, runner, await nameOf(context, runner), lease(request), epoch, failure)
        }),
      )
      wire.post(
        '/leases/:lease/beat',
        working((runner, request) => beat(context, runner, lease(request), BeatRequest.parse(request.body))),
      )
      wire.post(
        '/leases/:lease/reports',
        working(async (runner, request) =>
          takeReports(
            context,
            runner,
            await nameOf(context, runner),
            lease(request),
            ReportRequest.parse(request.body),
          ),
        ),
      )
      wire.post(
        '/orders',
        working(async (runner, request, reply) => ({
          orders: await takeOrders(context, orders, runner, OrdersRequest.parse(request.body), reply),
        })),
      )
      wire.post(
        '/looks/:look',
        working((runner, request) =>
          takeLook(context, runner, (request.params as { look: string }).look, LookReport.parse(request.body)),
        ),
      )
      wire.post(
        '/errands/:errand',
        working((runner, request) =>
          takeErrand(context, runner, (request.params as { errand: string }).errand, ErrandReport.parse(request.body)),
        ),
      )
      await wire.register(async (bytes) => {
        bytes.removeAllContentTypeParsers()
        takeBodies(bytes, { media: ['*'], limit: storeLimit, read: (body) => body })
        bytes.put(
          '/bodies/:digest',
          working((runner, request) =>
            storeBody(
              context,
              runner,
              Sha256.parse((request.params as { digest: string }).digest),
              StoreQuery.parse(request.query),
              bytesIn(request),
            ),
          ),
        )
        bytes.put(
          '/leases/:lease/log',
          working((runner, request) =>
            storeLog(context, runner, lease(request), LogQuery.parse(request.query), bytesIn(request)),
          ),
        )
      })
      await wire.register(async (streams) => {
        streams.removeAllContentTypeParsers()
        streams.addContentTypeParser('*', (_request, _payload, done) => done(null)) // read by whoever waits
        streams.put('/transfers/:transfer', {
          onRequest: proven(false),
          async handler(request, reply) {
            const { transfer } = request.params as { transfer: string }
            const refusal = transfers.take(callers.get(request)!, transfer, request, reply)
            if (refusal) return sendRefusal(reply, refusal)
            return new Promise<FastifyReply>((resolve) => reply.raw.on('close', () => resolve(reply)))
          },
        })
      })
    },
    { prefix: '/wire' },
  )
  return transfers.port(context)
}

const nameOf = (context: WireContext, { workspace, runner }: KnownRunner): Promise<string> =>
  inWorkspace(
    context.db,
    workspace,
    async (tx) =>
      (
        await tx.query<{ name: string }>(
          { name: 'runner name', text: 'select name from vp.runners where workspace = $1 and runner = $2' },
          [workspace, runner],
        )
      ).rows[0]?.name ?? runner,
  )

/** `POST /wire/leases`: waits until something fits, the time is over, or the runner has hung up. */
const askForWork = async (
  context: WireContext,
  line: WorkLine,
  known: KnownRunner,
  asked: z.infer<typeof LeaseRequest>,
  reply: FastifyReply,
): Promise<unknown> => {
  const { run } = asked
  const oneRun = run === undefined ? null : { context, known, run }
  if (oneRun && asked.leave) return leaveRun(oneRun)
  const lease = await longPoll(
    reply,
    asked.waitSeconds * 1_000,
    (wake) => {
      const place = line.join(known, wake)
      const off = oneRun && context.db.nudges.on((nudge) => nudge.topic === 'run' && nudge.id === run && wake())
      return {
        ...place,
        leave() {
          off?.()
          place.leave()
        },
      }
    },
    async () => (oneRun && (await whyNoMore(oneRun))) ?? offerWork(context, known, asked.request, run),
  )
  // A runner that hung up meanwhile asks again with the same request id and gets this very lease.
  return lease && listening(reply) ? lease : null
}
