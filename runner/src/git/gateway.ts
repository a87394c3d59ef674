/**
 * What answers when the agent talks to its `origin`?
 * A loopback git server of vpd, one per step, with an address that only this step knows. Fetch passes. Every push, however it was spelled, ends here:
 * it is recorded or refused, and answered at once; nothing is published. The receiving program runs as vpd's own child, out of the agent's reach.
 */
import { randomBytes } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createGunzip } from 'node:zlib'
import { gathering } from '@viewportai/core/wire/gather'
import { asBuffer } from '../process/as-buffer.ts'
import { flush, packet, pushAnswer, readPushHead, type PushCommand, type PushHead } from './pkt-line.ts'
import { packCap, takePack, type Quarantine } from './quarantine.ts'
import { git, GitFailed } from './run-git.ts'

/** What became of one ref of a push. */
export type Verdict = { readonly recorded: boolean; readonly words: string }

/** One repository behind the gateway. */
export type Served = {
  readonly name: string
  readonly quarantine: Quarantine
  /** The only ref that may be named; null: nothing may be pushed here. */
  readonly branch: string | null
  /** Called once per accepted command, one at a time, when its objects are in the quarantine and sound. */
  pushed(command: PushCommand): Promise<Verdict>
  /** Called for every refused command. */
  refused(command: PushCommand, why: string): Promise<void>
}

export type Gateway = {
  /** The loopback port, to be let through the wall. */
  readonly port: number
  /** The address of a served repository. */ urlOf(name: string): string
  close(): Promise<void>
}

/** Starts it on a free loopback port. */
export const startGateway = async (served: readonly Served[]): Promise<Gateway> => {
  const secret = randomBytes(16).toString('hex')
  const paths = new Map(served.map((one, at) => [`/${secret}/${at}`, one]))
  let queue: Promise<unknown> = Promise.resolve()
  const server = createServer((request, response) => {
    answer(request, response, paths, (work) => (queue = queue.then(work, work))).catch(() => {
      if (!response.headersSent) response.writeHead(500)
      response.end()
    })
  })
  await new Promise<void>((ready, fail) => server.once('error', fail).listen(0, '127.0.0.1', ready))
  const { port } = server.address() as AddressInfo
  return {
    port,
    urlOf: (name) => `http://127.0.0.1:${port}/${secret}/${served.findIndex((one) => one.name === name)}`,
    close: async () => {
      await new Promise((closed) => {
        server.close(closed)
        server.closeAllConnections()
      })
      await queue.catch(() => {}) // a push that was being recorded is recorded
    },
  }
}

const answer = async (
  request: IncomingMessage,
  response: ServerResponse,
  paths: ReadonlyMap<string, Served>,
  inTurn: (work: () => Promise<void>) => Promise<unknown>,
): Promise<void> => {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1')
  const at = /^(\/[0-9a-f]{32}\/\d+)\/(info\/refs|git-upload-pack|git-receive-pack)$/.exec(url.pathname)
  const one = at && paths.get(at[1] ?? '')
  if (!one || !at) return void response.writeHead(404).end()
  if (at[2] === 'info/refs' && request.method === 'GET')
    return advertise(one, url.searchParams.get('service') ?? '', protocolOf(request), response)
  if (request.method !== 'POST') return void response.writeHead(405).end()
  const body = await readBody(request)
  if (at[2] === 'git-upload-pack') {
    const { out } = await git(['upload-pack', '--stateless-rpc', one.quarantine.dir], {
      gitDir: one.quarantine.dir,
      input: body,
      env: protocolOf(request),
    })
    return void response
      .writeHead(200, { 'content-type': 'application/x-git-upload-pack-result', 'cache-control': 'no-store' })
      .end(out)
  }
  await inTurn(() => receive(one, body, response))
}

/** Only the protocol version is taken from the agent, and only in this form. */
const protocolOf = (request: IncomingMessage): Record<string, string> =>
  /^version=[012]$/.test(String(request.headers['git-protocol']))
    ? { GIT_PROTOCOL: String(request.headers['git-protocol']) }
    : {}

const advertise = async (
  one: Served,
  service: string,
  env: Record<string, string>,
  response: ServerResponse,
): Promise<void> => {
  if (service !== 'git-upload-pack' && service !== 'git-receive-pack') return void response.writeHead(403).end()
  const { out } = await git([service.slice(4), '--stateless-rpc', '--advertise-refs', one.quarantine.dir], {
    gitDir: one.quarantine.dir,
    env: service === 'git-upload-pack' ? env : {},
  })
  response.writeHead(200, { 'content-type': `application/x-${service}-advertisement`, 'cache-control': 'no-store' })
  response.end(Buffer.concat([packet(`# service=${service}\n`), flush, out]))
}

const readBody = async (request: IncomingMessage): Promise<Buffer> => {
  const stream = request.headers['content-encoding'] === 'gzip' ? request.pipe(createGunzip()) : request
  const gathered = gathering(packCap + 1_000_000)
  for await (const part of stream as AsyncIterable<Buffer>)
    if (!gathered.take(part)) throw new Error('a push larger than the cap')
  return asBuffer(gathered.whole())
}

const receive = async (one: Served, body: Buffer, response: ServerResponse): Promise<void> => {
  const head = readPushHead(body)
  response.writeHead(200, { 'content-type': 'application/x-git-receive-pack-result', 'cache-control': 'no-store' })
  if (!head || head.commands.length === 0) return void response.end(flush) // git's probe before a large push
  const reasons = new Map<string, string>()
  const words: string[] = []
  const sound = await unpack(one, head, body.subarray(head.end))
  for (const command of head.commands) {
    const why = sound ?? commandRefusal(one, command, head)
    const verdict = why === null ? await one.pushed(command) : { recorded: false, words: why }
    if (why !== null) await one.refused(command, why)
    reasons.set(command.ref, verdict.recorded ? 'recorded, awaiting a reviewer' : 'refused')
    words.push(`vpd: ${verdict.words}`)
  }
  response.end(pushAnswer(head, reasons, words))
}

/** Why this ref may not be pushed, or null. */
const commandRefusal = (one: Served, command: PushCommand, head: PushHead): string | null => {
  if (one.branch === null) return `${one.name} is only read in this run`
  if (/^0+$/.test(command.new)) return `deleting ${command.ref} is refused: a run deletes no refs`
  if (command.ref !== one.branch) return `a push to ${command.ref} is refused: this run may publish ${one.branch} alone`
  if (head.commands.length > 1 && head.commands.filter((c) => c.ref === command.ref).length > 1)
    return `${command.ref} is named twice in one push`
  return null
}

/** Why the pack cannot be taken, or null. A push of deletions alone brings none; refused refs' packs are not looked at. */
const unpack = async (one: Served, head: PushHead, pack: Buffer): Promise<string | null> => {
  if (pack.length === 0 || head.commands.every((command) => commandRefusal(one, command, head) !== null)) return null
  try {
    await takePack(one.quarantine, pack)
    return null
  } catch (error) {
    if (error instanceof GitFailed)
      return `the objects of this push are not sound: ${error.err.split('\n')[0]?.slice(0, 200) ?? ''}`
    throw error
  }
}
