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

/** `publicUrl`: how people reach it, null when that is where it listens: `host` and `port()` (loopback names with that port are always ours). */
export const ownAddress = (publicUrl: string | null, host: string, port: () => number): OwnAddress => {
  const given = publicUrl === null ? null : new URL(publicUrl)
  const secure = given?.protocol === 'https:'
  const listened = () =>
    `http://${host.includes(':') ? `[${host}]` : host === '0.0.0.0' ? 'localhost' : host}:${port()}`
  const names = (): Set<string> => {
    const own = loopback.map((name) => `${name}:${port()}`)
    return new Set([...own, new URL(listened()).host, ...(given ? [given.host] : [])])
  }
  return {
    get url() {
      return given ? given.origin : listened()
    },
    secure,
    isHost: (asked) => asked !== undefined && names().has(asked.toLowerCase()),
    isOrigin(origin) {
      const from = URL.canParse(origin) ? new URL(origin) : null
      if (!from || from.origin !== origin.toLowerCase()) return false
      if (from.host === given?.host) return from.origin === given.origin
      return from.protocol === 'http:' && names().has(from.host)
    },
  }
}

const loopback = ['127.0.0.1', 'localhost', '[::1]']
