/** The worst way to send something: in pieces of one byte. And what whoever takes them in still holds. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import net from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

const slab = Buffer.from('1\r\n \r\n'.repeat(10_000))

/** Chunks of HTTP, of one blank each; `count` is rounded up to ten thousand. Resolves when all are handed to the system. */
export const writeTinyChunks = async (to: net.Socket, count: number): Promise<void> => {
  for (let sent = 0; sent < count && !to.destroyed; sent += 10_000)
    if (!to.write(slab))
      await new Promise<void>((resolve) => {
        to.once('drain', resolve).once('close', resolve)
      })
}

/** A request to a port of this machine, served in this very process, whose body is chunks of one byte and has no end. `lines`: more of its head. */
export const tinyRequest = (port: number, path: string, count: number, lines: readonly string[] = []) => {
  const socket = net.connect(port, '127.0.0.1')
  socket.on('error', () => {})
  let said = ''
  socket.on('data', (bytes: Buffer) => (said += bytes.toString('latin1')))
  let read = (): number => 0
  const hear = (message: unknown): void => {
    const { request } = message as { request: IncomingMessage }
    if (request.socket.remotePort === socket.localPort) read = () => request.socket.bytesRead
  }
  subscribe('http.server.request.start', hear)
  const head = [`POST ${path} HTTP/1.1`, `host: 127.0.0.1:${port}`, 'transfer-encoding: chunked', ...lines]
  socket.write(`${head.join('\r\n')}\r\n\r\n`)
  /** Resolves when all of it was read at the other end. */
  const arrived = async (): Promise<void> => {
    await writeTinyChunks(socket, count)
    while (read() < count * 6) await new Promise((resolve) => setTimeout(resolve, 5))
    unsubscribe('http.server.request.start', hear)
  }
  return { socket, arrived, said: () => said }
}

/** Bytes of the heap that are in use once it was tidied up. What buffers hold is not among them: each costs here, whatever is in it. */
export const heapInUse = (): number => {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().heapUsed
}
