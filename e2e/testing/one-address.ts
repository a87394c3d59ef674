// One address in front of several replicas, as a team's proxy is: each connection goes to the next one that answers.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

export type OneAddress = {
  url: string
  /** From now on a replica on this port of 127.0.0.1 gets its share. */
  add(port: number): void
  /** How many connections each port has taken. */
  taken(): ReadonlyMap<number, number>
  close(): Promise<void>
}

/** Listens on a free port of 127.0.0.1. A connection that no replica takes is closed; one whose replica dies, too. */
export async function openOneAddress(): Promise<OneAddress> {
  const taken = new Map<number, number>()
  const open = new Set<Socket>()
  const kept = (socket: Socket): Socket => {
    open.add(socket)
    return socket.once('close', () => open.delete(socket)).on('error', () => socket.destroy())
  }
  let turn = 0
  const carry = (client: Socket, untried: number[]): void => {
    const [port, ...others] = untried
    if (port === undefined || client.destroyed) return void client.destroy()
    const replica = connect(port, '127.0.0.1')
    const next = (): void => carry(client, others)
    replica.once('error', next).once('connect', () => {
      replica.off('error', next)
      taken.set(port, taken.get(port)! + 1)
      client.once('close', () => replica.destroy())
      kept(replica).once('close', () => client.destroy())
      client.pipe(replica).pipe(client)
    })
  }
  const server = createServer((client) => {
    const ports = [...taken.keys()]
    const first = turn++ % Math.max(ports.length, 1)
    carry(kept(client), [...ports.slice(first), ...ports.slice(0, first)])
  })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    add: (port) => void taken.set(port, 0),
    taken: () => taken,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve))
      for (const socket of open) socket.destroy()
      await closed
    },
  }
}
