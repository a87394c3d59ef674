/** Which control plane is meant? `--server`, VIEWPORT_URL, the saved pairing, or a Viewport on this machine, in this order. */
import { trimmedEnd } from '@viewportai/core/trimmed'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { exchange, openLines } from '../wire/exchange.ts'
import { defaultPort, runningFile } from './home.ts'
import type { Pairing } from './pairing.ts'

/** Where the address came from, for people. */
export type Found = { server: string; from: '--server' | 'VIEWPORT_URL' | 'pairing' | 'this machine' }
/** No control plane, or not a usable one; the words say what to do. */
export class NoServer extends Error {
  override readonly name = 'NoServer'
}

const Running = z.looseObject({ url: z.string(), pid: z.int() })
const Health = z.looseObject({ viewport: z.string() })

/** The address as it is used: scheme and host in lower case, no slash at the end. Throws NoServer for what is none, and for plain HTTP to another machine unless `plain`. */
export const serverAddress = (text: string, plain = false): string => {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw new NoServer(`${text} is not an address of a control plane. It looks like https://viewport.example.`)
  if (url.username || url.password || url.search || url.hash)
    throw new NoServer(`${text} holds more than an address: leave out user, ? and #.`)
  if (url.protocol === 'http:' && !isLoopback(url) && !plain)
    throw new NoServer(`${text} is not encrypted. Use https, or --plain-http if the network in between is trusted.`)
  return trimmedEnd(`${url.origin}${url.pathname}`, '/')
}

/** Is this an address on this very machine? */
export const isLoopback = (url: URL): boolean => ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)

/** The address named by an option or the environment, or null. */
export const namedServer = (
  asked: { server?: string | undefined; plainHttp?: boolean | undefined },
  env: NodeJS.ProcessEnv = process.env,
): Found | null => {
  if (asked.server) return { server: serverAddress(asked.server, asked.plainHttp), from: '--server' }
  const fromEnvironment = env['VIEWPORT_URL']
  return fromEnvironment ? { server: serverAddress(fromEnvironment, asked.plainHttp), from: 'VIEWPORT_URL' } : null
}

/** The control plane to pair with: named, or on this machine. Throws NoServer. */
export const serverToPair = async (asked: {
  server?: string | undefined
  plainHttp?: boolean | undefined
}): Promise<Found> => {
  const found = namedServer(asked) ?? (await onThisMachine())
  if (found) return found
  throw new NoServer(
    `No control plane was named, and none answers on this machine. Use --server https://…, set VIEWPORT_URL, or start a Viewport here.`,
  )
}

/** The pairing that is meant: of the named control plane, or the only one. Throws NoServer. */
export const pairingMeant = (
  pairings: readonly Pairing[],
  asked: { server?: string | undefined; plainHttp?: boolean | undefined },
): Pairing => {
  const named = namedServer({ plainHttp: true, ...asked })
  if (named) {
    const pairing = pairings.find(({ server }) => server === named.server)
    if (pairing) return pairing
    throw new NoServer(
      `This machine is not paired with ${named.server} (named by ${named.from}). Run \`vpd pair --worker --server ${named.server}\`.`,
    )
  }
  const [only, ...others] = pairings
  if (!only) throw new NoServer('This machine is not paired yet. Run `vpd pair --worker`.')
  if (others.length)
    throw new NoServer(
      `This machine is paired with several control planes (${pairings.map(({ server }) => server).join(', ')}). Say which one with --server.`,
    )
  return only
}

/** A Viewport that says it runs here, or that answers on its usual port. */
const onThisMachine = async (): Promise<Found | null> => {
  const running = await readRunning()
  for (const server of [...(running ? [running] : []), `http://127.0.0.1:${defaultPort}`])
    if (await answers(server)) return { server, from: 'this machine' }
  return null
}

const readRunning = async (): Promise<string | null> => {
  try {
    const { url, pid } = Running.parse(JSON.parse(await readFile(runningFile(), 'utf8')))
    process.kill(pid, 0)
    const server = serverAddress(url)
    return isLoopback(new URL(server)) ? server : null
  } catch {
    return null // not there, not readable, or its writer has ended
  }
}

const answers = async (server: string): Promise<boolean> => {
  const lines = openLines()
  try {
    const { status, text } = await exchange(lines, {
      method: 'GET',
      url: `${server}/healthz`,
      headers: { accept: 'application/json' },
      body: null,
      timeoutMs: 2_000,
    })
    return status === 200 && Health.safeParse(JSON.parse(text)).success
  } catch {
    return false
  } finally {
    lines.close()
  }
}
