/**
 * How is an outside tool asked over HTTP?
 * With a time limit on everything, a size limit on every answer, redirects never followed, the credential struck out of what comes back, and no
 * way to addresses of this machine or its network unless whoever runs Viewport named the host (VIEWPORT_NEAR_HOSTS). A name is resolved once, and that address is used.
 */
import { lookup } from 'node:dns/promises'
import http from 'node:http'
import https from 'node:https'
import { isIP } from 'node:net'
import { kindOf } from '@viewportai/core/policy/addresses'
import { gathering } from '@viewportai/core/wire/gather'
import { crowdIn } from '@viewportai/core/wire/json-crowd'
import { NotSent, NoWholeAnswer, TooLong, type Outside } from '@viewportai/core/tools/outside'
import { struck } from '@viewportai/core/tools/struck'

const answerLimit = 8 * 1024 * 1024
const usualMillis = 20_000

/** `near`: hosts (`name` or `name:port`) that may be on this machine or its network. */
export const openOutside = (near: readonly string[]): Outside => ({
  now: () => Date.now(),
  async ask({ method, url, headers = {}, body, timeoutMillis = usualMillis }) {
    const target = new URL(url)
    if (target.protocol !== 'https:' && !isNear(target, near))
      throw new NotSent(`${target.origin} is not https, and VIEWPORT_NEAR_HOSTS does not name it`)
    const address = await addressOf(target, near)
    return new Promise((resolve, reject) => {
      const request = (target.protocol === 'https:' ? https : http).request(
        target,
        {
          method,
          headers: {
            'user-agent': 'Viewport',
            'accept-encoding': 'identity',
            ...headers,
            ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
          },
          agent: false,
          // The address that was judged is the one that is used, whatever the name says a moment later.
          lookup: (_name, options, done) =>
            options.all ? done(null, [address]) : done(null, address.address, address.family),
        },
        (answer) => {
          const gathered = gathering(answerLimit)
          answer.on('data', (part: Buffer) => {
            if (gathered.take(part)) return
            reject(new TooLong(`${target.host}: its answer is longer than ${answerLimit} bytes`))
            fail('its answer is too long')
          })
          answer.on('error', () => fail('its answer was cut'))
          answer.on('close', () => {
            if (!answer.complete) return fail('its answer was cut')
            const text = gathered.text()
            const crowd = crowdIn(text)
            if (crowd !== null) {
              reject(new TooLong(`${target.host}: its answer has ${crowd}`))
              return fail('its answer has too much in it')
            }
            clearTimeout(limit)
            const said = Object.entries(answer.headers).map(([name, value]) => [
              name,
              Array.isArray(value) ? value.join(', ') : (value ?? ''),
            ])
            resolve(struck({ headers }, { status: answer.statusCode ?? 0, headers: Object.fromEntries(said), text }))
          })
        },
      )
      let connected = false
      const fail = (why: string, cause?: unknown): void => {
        clearTimeout(limit)
        request.destroy()
        const words = `${target.host}: ${why}`
        reject(connected ? new NoWholeAnswer(words, { cause }) : new NotSent(words, { cause }))
      }
      const limit = setTimeout(() => fail(`no answer within ${timeoutMillis} ms`), timeoutMillis)
      request.on('socket', (socket) =>
        socket.once(target.protocol === 'https:' ? 'secureConnect' : 'connect', () => (connected = true)),
      )
      request.on('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message, error))
      request.end(body)
    })
  },
})

const hostOf = ({ hostname }: URL): string => hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '')
const portOf = (url: URL): string => url.port || (url.protocol === 'https:' ? '443' : '80')

/** Did whoever runs Viewport name this host as near? */
export const isNear = (url: URL, near: readonly string[]): boolean =>
  near.includes(hostOf(url)) || near.includes(`${hostOf(url)}:${portOf(url)}`)

/** The one address that is used. Throws NotSent for one of this machine or its network that nobody named. */
export const addressOf = async (url: URL, near: readonly string[]): Promise<{ address: string; family: number }> => {
  const host = hostOf(url)
  const found = isIP(host)
    ? { address: host, family: isIP(host) }
    : await lookup(host).catch((error: NodeJS.ErrnoException) => {
        throw new NotSent(`${host}: its name cannot be resolved (${error.code})`, { cause: error })
      })
  const kind = kindOf(found.address)
  if (kind === 'never' || (kind === 'private' && !isNear(url, near)))
    throw new NotSent(
      kind === 'never'
        ? `${host} is at ${found.address}, which nobody is asked at`
        : `${host} is on this machine or its network (${found.address}); whoever runs Viewport may allow it in VIEWPORT_NEAR_HOSTS`,
    )
  return found
}
