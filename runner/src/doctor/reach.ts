/** Does the control plane of a pairing answer, know this runner, and have the same time? */
import { isRefusal } from '@viewportai/core/refusal'
import { isLoopback } from '../identity/find-server.ts'
import { runnerFolder } from '../identity/home.ts'
import { readKey } from '../identity/key.ts'
import { lockHolder } from '../identity/lock.ts'
import { keyFileOf, type Pairing } from '../identity/pairing.ts'
import { openLines } from '../wire/exchange.ts'
import { wordsOf } from '../wire/refused.ts'
import { serverClock, skewWords } from '../wire/server-clock.ts'
import { tokensOf } from '../wire/token.ts'
import { socketUrl } from '../relay/address.ts'
import { bad, good, known, type Finding } from './finding.ts'
import { relayFinding } from './relay.ts'

export const reachFindings = async (home: string, pairing: Pairing): Promise<Finding[]> => {
  const what = `control plane ${pairing.server}`
  const holder = await lockHolder(runnerFolder(home, pairing.runner))
  const worker = holder
    ? good(`worker "${pairing.name}"`, `runs, process ${holder.pid}`)
    : known(`worker "${pairing.name}"`, 'does not run', 'Run `vpd worker start`, or `vpd service install`.')
  const key = await readKey(keyFileOf(home, pairing.runner)).catch(() => null)
  if (key === null) return [worker] // told with the secrets
  const lines = openLines()
  const clock = serverClock()
  const end = AbortSignal.timeout(10_000)
  let trouble: string | null = null
  const proxy = proxyWords(pairing.server)
  try {
    const ground = {
      server: pairing.server,
      key,
      lines,
      clock,
      closed: end,
      trouble: (why: string | null) => void (trouble = why ?? trouble),
    }
    const token = await tokensOf(ground, pairing.runner).get(end)
    const answered: Finding = isRefusal(token)
      ? bad(what, wordsOf(token), token.next)
      : good(what, `answers, and knows this runner as "${pairing.name}"`)
    const skew = skewWords(clock.skew())
    const time = skew
      ? bad('clock', skew, 'Let the system keep time: `sudo timedatectl set-ntp true`.')
      : good('clock', `within a minute of the control plane's`)
    const socket = isRefusal(token) ? null : socketUrl(pairing.server, pairing)
    const relay = socket === null ? [] : [await relayFinding(home, pairing, socket)]
    return [worker, answered, ...relay, time, ...(proxy ? [known('proxy', proxy)] : [])]
  } catch {
    const why = `cannot be reached${trouble ? ` (${trouble})` : ''}`
    return [worker, bad(what, proxy ? `${why}. ${proxy}` : why, reachFix(pairing.server))]
  } finally {
    lines.close()
  }
}

const reachFix = (server: string): string => {
  const url = new URL(server)
  return isLoopback(url)
    ? 'Start the Viewport of this machine (`viewport up`).'
    : `Look from here: \`curl -sS ${server}/healthz\`. Outgoing ${url.protocol === 'https:' ? 'HTTPS' : 'HTTP'} to ${url.host} must be let through.`
}

/** A proxy that others on this machine use and vpd does not. */
export const proxyWords = (server: string, env: NodeJS.ProcessEnv = process.env): string | null => {
  const name = server.startsWith('https:') ? 'HTTPS_PROXY' : 'HTTP_PROXY'
  const set = [name, name.toLowerCase(), 'ALL_PROXY', 'all_proxy'].find((one) => env[one])
  if (set === undefined || isLoopback(new URL(server))) return null
  return `${set} is set, and vpd does not use it: it connects directly. Let ${new URL(server).host} through`
}
