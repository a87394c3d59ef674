/**
 * Which requests go by the relay?
 * Those to the control plane this runner is paired with, while the relay is there. What an order sends to another replica goes there
 * by HTTPS: the socket ends at one replica, and that one is not asked to be a proxy to others.
 */
import http from 'node:http'
import type { Duplex } from 'node:stream'
import { isLoopback } from '../identity/find-server.ts'
import type { Way } from '../wire/exchange.ts'
import type { Link } from './link.ts'

/** The way by a relay to an address, or null when there is none now. `atMost`: requests at a time. */
export const byRelay = (
  link: Link,
  server: string,
  atMost = Number.POSITIVE_INFINITY,
): ((target: URL) => Way | null) => {
  const home = new URL(server)
  // A stream is used once: to open another one costs nothing.
  const agent = Object.assign(new http.Agent({ keepAlive: false, maxSockets: atMost }), {
    protocol: home.protocol,
    createConnection(_to: unknown, opened: (error: Error | null, line?: Duplex) => void) {
      const line = link.connect()
      if (line) opened(null, line)
      else opened(new Error('the relay is not there any more'))
    },
  }) as http.Agent
  const way: Way = { agent, unanswered: () => link.doubt() }
  return (target) => (link.open() && isHome(target, home) ? way : null)
}

const isHome = (target: URL, home: URL): boolean =>
  target.origin === home.origin ||
  // One control plane on this machine goes by several names.
  (isLoopback(target) && isLoopback(home) && target.port === home.port && target.protocol === home.protocol)
