/**
 * How does the internet look from inside a step?
 * Programs are told of vpd's proxy by the environment. What it refuses is written into the step's log, and the first few hosts are reported as facts; what
 * went through it stands in the ledger of what left.
 */
import type { Port } from '../work/port.ts'
import { startEgress, type Egress, type EgressRules } from './egress-proxy.ts'

/** Hosts reported as facts; further ones stand in the log alone. */
const most = 5

/** Starts the proxy of a step. `key`: what would allow a host, e.g. `network.checks in the runner's policy.yaml`. */
export const stepEgress = async (
  rules: EgressRules,
  key: string,
  port: Pick<Port, 'report' | 'log' | 'left'>,
): Promise<Egress> => {
  const seen = new Set<string>()
  let over = false
  const egress = await startEgress(
    rules,
    (host, at, why) => {
      if (over) return // the program that asked is gone, and the step may have been reported as finished
      const target = `${host}:${at}`.replace(/[^\x20-\x7e]/g, '?').slice(0, 260)
      if (seen.has(target)) return
      seen.add(target)
      if (seen.size > 1_000) return
      port.log.own(`[wall] ${target} is refused: ${why}; ${key} names what may be reached`)
      if (seen.size > most) return
      void port
        .report({
          type: 'refused',
          code: 'egress_refused',
          words: `The step wanted to reach ${target}, which is refused: ${why}.`,
          about: { host: host.slice(0, 200), port: String(at) },
        })
        .catch(() => {}) // the journal says itself when it cannot be written
    },
    (host, at, bytes) => void port.left('connection', `${host}:${at}`, bytes).catch(() => {}),
  )
  return {
    port: egress.port,
    close: () => {
      over = true
      return egress.close()
    },
  }
}

/** What tells programs of the proxy. Loopback, where vpd's own servers are, is reached without it. */
export const egressEnvironment = (port: number): Record<string, string> => {
  const proxy = `http://127.0.0.1:${port}`
  const direct = '127.0.0.1,localhost,::1'
  return {
    HTTP_PROXY: proxy,
    HTTPS_PROXY: proxy,
    http_proxy: proxy,
    https_proxy: proxy,
    NO_PROXY: direct,
    no_proxy: direct,
    NODE_USE_ENV_PROXY: '1',
    npm_config_proxy: proxy,
    npm_config_https_proxy: proxy,
    npm_config_noproxy: direct,
    npm_config_update_notifier: 'false',
  }
}
