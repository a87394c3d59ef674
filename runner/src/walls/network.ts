/**
 * How does a program without a network reach vpd?
 * One network namespace per step with nothing in it but its own loopback. A short-lived helper listens in there on each door's port and hands the
 * listening socket to vpd, which answers on it; so nothing of vpd lives inside, and nobody inside can listen there instead. The namespace itself lives
 * on as two open descriptors.
 */
import { spawn } from 'node:child_process'
import { close, open } from 'node:fs'
import net from 'node:net'
import { promisify } from 'node:util'

export type StepNetwork = {
  /** Descriptors of the user namespace and of the network namespace, for programs that shall be in them. */
  readonly user: number
  readonly network: number
  close(): Promise<void>
}

/** Runs inside: listens, and hands each socket over. Ends when vpd has opened the namespaces, or is gone. */
const helper = `const net = require('node:net')
process.on('disconnect', () => process.exit(1))
process.on('message', () => process.exit(0))
const next = (ports) => {
  if (ports.length === 0) return process.send({ pid: process.pid })
  const server = net.createServer()
  server.on('error', (error) => process.send({ problem: String(error.message) }))
  server.listen({ host: '127.0.0.1', port: ports[0], backlog: 511 }, () => process.send({ port: ports[0] }, server, {}, () => next(ports.slice(1))))
}
next(JSON.parse(process.argv[1]))`

const timeLimit = 20_000

/** Makes the network of a step. `doors`: loopback ports of vpd that are reached inside at the same address. */
export const makeNetwork = async (bwrap: string, doors: readonly number[]): Promise<StepNetwork> => {
  const servers: net.Server[] = []
  const sockets = new Set<net.Socket>()
  const made =
    '--unshare-user --uid 0 --gid 0 --unshare-net --die-with-parent --ro-bind / / --dev-bind /dev /dev --proc /proc'
  const ports = JSON.stringify([...new Set(doors)])
  const argv = [...made.split(' '), '--setenv', 'NODE_CHANNEL_FD', '3', '--', process.execPath, '-e', helper, ports]
  const child = spawn(bwrap, argv, { env: {}, cwd: '/', stdio: ['ignore', 'ignore', 'pipe', 'ipc'] })
  let said = ''
  child.stderr?.on('data', (bytes: Buffer) => (said = (said + bytes.toString('utf8')).slice(-500)))
  const gone = new Promise<never>((_done, fail) => {
    child.once('error', fail)
    child.once('exit', () => fail(new Error(`the network of the step could not be made: ${said.trim()}`)))
  })
  gone.catch(() => {})
  const late = setTimeout(() => child.kill('SIGKILL'), timeLimit)
  try {
    const pid = await Promise.race([
      gone,
      new Promise<number>((done, fail) =>
        child.on('message', (message: { pid?: number; port?: number; problem?: string }, handle) => {
          if (message.problem !== undefined)
            fail(new Error(`a door of the step could not be opened: ${message.problem}`))
          else if (message.port !== undefined) servers.push(answerAt(handle as net.Server, message.port, sockets))
          else if (message.pid !== undefined) done(message.pid)
        }),
      ),
    ])
    const user = await opened(`/proc/${pid}/ns/user`)
    const network = await opened(`/proc/${pid}/ns/net`)
    return {
      user,
      network,
      close: async () => {
        for (const server of servers) server.close()
        for (const socket of sockets) socket.destroy()
        await Promise.all([closed(user), closed(network)])
      },
    }
  } catch (error) {
    for (const server of servers) server.close()
    throw error
  } finally {
    clearTimeout(late)
    if (child.connected) child.send('over', () => child.connected && child.disconnect())
    else child.kill('SIGKILL')
  }
}

const opened = promisify(open) as (file: string) => Promise<number>
const closed = promisify(close)

/** Passes each connection on to vpd's own server at this port; either side may say that it has said all. */
const answerAt = (server: net.Server, port: number, sockets: Set<net.Socket>): net.Server => {
  Object.assign(server, { allowHalfOpen: true }) // it was made by the helper, and came without its options
  return server.on('connection', (inside: net.Socket) => {
    const outside = net.connect({ host: '127.0.0.1', port, allowHalfOpen: true, noDelay: true })
    inside.setNoDelay(true)
    join(inside, outside, sockets)
    join(outside, inside, sockets)
  })
}

const join = (one: net.Socket, other: net.Socket, sockets: Set<net.Socket>): void => {
  sockets.add(one)
  one.on('error', () => other.destroy())
  one.once('close', (broken) => {
    sockets.delete(one)
    if (broken) other.destroy()
    else other.end()
  })
  one.pipe(other)
}
