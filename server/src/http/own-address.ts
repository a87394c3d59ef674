/**
 * Which hosts and origins are this server's own?
 * A request for another host is refused (DNS rebinding), and a browser's request from another origin never changes anything.
 */

export type OwnAddress = {
  /** The address people and runners are given, without a slash at its end. Known once the server listens. */
  readonly url: string
  readonly secure: boolean
  isHost(host: string | undefined): boolean
  isOrigin(origin: string): boolean
}

/**
 * `publicUrl`: how people reach it, null when that is where it listens: `host` and `port()` (loopback names with that port are
 * always ours). `replicaUrl`: where runners reach this replica; no browser comes from there.
 */
export const ownAddress = (
  publicUrl: string | null,
  host: string,
  port: () => number,
  replicaUrl: string | null = null,
): OwnAddress => {
  const given = publicUrl === null ? null : new URL(publicUrl)
  const replica = replicaUrl === null ? null : new URL(replicaUrl).host
  const secure = given?.protocol === 'https:'
  const at = (name: string): URL => new URL(`http://${name.includes(':') ? `[${name}]` : name}:${port()}`)
  const listened = () => at(anyAddress.includes(host) ? 'localhost' : host).origin
  // As a browser writes it: without the port that is usual.
  const names = (): Set<string> =>
    new Set([...loopback.map((name) => at(name).host), new URL(listened()).host, ...(given ? [given.host] : [])])
  return {
    get url() {
      return given ? given.origin : listened()
    },
    secure,
    isHost: (asked) => asked !== undefined && (names().has(asked.toLowerCase()) || asked.toLowerCase() === replica),
    isOrigin(origin) {
      const from = URL.canParse(origin) ? new URL(origin) : null
      if (!from || from.origin !== origin.toLowerCase()) return false
      if (from.host === given?.host) return from.origin === given.origin
      return from.protocol === 'http:' && names().has(from.host)
    },
  }
}

const loopback = ['127.0.0.1', 'localhost', '::1']
const anyAddress = ['0.0.0.0', '::']
