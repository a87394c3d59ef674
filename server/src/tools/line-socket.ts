/**
 * How is one WebSocket to an outside tool opened and kept?
 * Under the same rules as every question (outside.ts): TLS, no way to addresses of this machine or its network unless it was named, the
 * address that was judged is the one that is used. A line that is silent for too long is taken for dead.
 */
import { WebSocket } from 'ws'
import { addressOf, isNear } from './outside.ts'

export type LineSocket = {
  send(text: string): void
  /** Ends it; `ended` is told, once. */
  close(): void
}
export type LineEvents = {
  /** What is given back ends once it is worked on, and never fails: too much of it at once, and no more is read until then. */
  said(text: string): Promise<void> | undefined
  /** Told once, also when it ends while it is being opened. */
  ended(why: string): void
}

const handshakeMillis = 20_000
const mostBytes = 5_242_880
/** What may be worked on at once, in messages and in bytes: whoever sends faster waits, and nothing of it is held here. */
const atOnceMost = 32
const atOnceBytes = 8_388_608
/** Answers that the other end does not take, in bytes. */
const untakenBytes = 1_048_576

/** Opens it. `silentMillis`: without a sign of life for so long it is over. Throws when it may not be opened, or is not. */
export const openLineSocket = async (
  address: string,
  near: readonly string[],
  silentMillis: number,
  { said, ended }: LineEvents,
): Promise<LineSocket> => {
  const url = new URL(address)
  const asWeb = new URL(address.replace(/^ws/, 'http'))
  if (!/^wss?:$/.test(url.protocol) || (url.protocol !== 'wss:' && !isNear(asWeb, near)))
    throw new Error(`${url.origin} is not wss, and VIEWPORT_NEAR_HOSTS does not name it`)
  const judged = await addressOf(asWeb, near)
  const socket = new WebSocket(url, {
    handshakeTimeout: handshakeMillis,
    maxPayload: mostBytes,
    maxFragments: 1_024, // each costs half a kilobyte, whatever is in it
    maxBufferedChunks: 16_384,
    perMessageDeflate: false,
    followRedirects: false,
    headers: { 'user-agent': 'Viewport' },
    lookup: (_name, options, done) => (options.all ? done(null, [judged]) : done(null, judged.address, judged.family)),
  })
  let alive = performance.now()
  const live = (): void => void (alive = performance.now())
  let over = false
  const end = (why: string): void => {
    if (over) return
    over = true
    clearInterval(beat)
    socket.terminate()
    ended(why)
  }
  const beat = setInterval(() => {
    if (socket.isPaused) live() // we are the ones who do not read
    if (performance.now() - alive > silentMillis)
      return end(`no sign of life for ${Math.round(silentMillis / 1_000)} s`)
    if (socket.readyState === WebSocket.OPEN) socket.ping()
  }, silentMillis / 3)
  beat.unref()
  let busy = 0
  let busyBytes = 0
  const isFull = (): boolean => busy >= atOnceMost || busyBytes >= atOnceBytes
  socket.on('message', (message, binary) => {
    live()
    if (over || binary) return
    const text = String(message)
    const work = said(text)
    if (work === undefined) return
    busy++
    busyBytes += text.length
    if (isFull()) socket.pause()
    void work.finally(() => {
      busy--
      busyBytes -= text.length
      if (!isFull() && socket.isPaused) socket.resume()
    })
  })
  socket.on('ping', live)
  socket.on('pong', live)
  let failure = ''
  socket.on('error', (error: NodeJS.ErrnoException) => (failure = error.code ?? error.message))
  socket.on('close', () => end(failure === '' ? 'it was closed there' : failure))
  await new Promise<void>((opened, failed) => {
    socket.once('open', () => {
      live()
      opened()
    })
    socket.once('close', () => failed(new Error(`${url.host}: ${failure === '' ? 'it was closed at once' : failure}`)))
  })
  return {
    send: (text) => {
      if (over || socket.readyState !== WebSocket.OPEN) return
      if (socket.bufferedAmount > untakenBytes) return end('it does not take our answers')
      socket.send(text)
    },
    close: () => end('we closed it'),
  }
}
