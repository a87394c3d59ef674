/** How are requests sent so that the load itself costs little? Kept-alive connections of node:http, one per lane. */
import { Agent, request } from 'node:http'

export type Answer = { status: number; body: string; millis: number }

/** A sender with `lanes` kept-alive connections. */
export const sender = (url: string, lanes: number) => {
  const agent = new Agent({ keepAlive: true, maxSockets: lanes })
  const { hostname, port } = new URL(url)
  const send = (method: string, path: string, headers: Record<string, string>, body: string | null): Promise<Answer> =>
    new Promise((resolve, reject) => {
      const began = performance.now()
      const sent = request(
        {
          hostname,
          port,
          path,
          method,
          agent,
          headers: { ...headers, ...(body === null ? {} : { 'content-length': Buffer.byteLength(body) }) },
        },
        (response) => {
          let text = ''
          response.setEncoding('utf8')
          response.on('data', (part: string) => (text += part))
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, body: text, millis: performance.now() - began }),
          )
        },
      )
      sent.on('error', reject)
      sent.end(body)
    })
  return { send, close: () => agent.destroy() }
}

/** Runs `count` pieces on `lanes` lanes: a closed loop. */
export const inLanes = async (lanes: number, count: number, one: (n: number) => Promise<void>): Promise<void> => {
  let next = 0
  await Promise.all(
    Array.from({ length: lanes }, async () => {
      for (let n = next++; n < count; n = next++) await one(n)
    }),
  )
}

/** Runs `count` pieces one after the other; what each took (ms). */
export const inTurn = async (one: (n: number) => Promise<number>, count: number): Promise<number[]> => {
  const times: number[] = []
  for (let n = 0; n < count; n++) times.push(await one(n))
  return times
}
