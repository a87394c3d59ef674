/**
 * A runner as a program of its own, for `real-agents.ts`: does the steps that come on standard input, one JSON value per line, and says of each
 * when its agent was started and when it had ended (milliseconds since 1970). The work is vpd's own, as it is published; only the control plane
 * is left out. Plain JavaScript, so that no part of Node is loaded that a published vpd does not load.
 */
import { createHash } from 'node:crypto'
import { createInterface } from 'node:readline'

await import(new URL('../runner/bin/lean.js', import.meta.url).href) // as `vpd worker` begins
const dist = new URL('../runner/dist/', import.meta.url)
const { doJob } = await import(new URL('work/do-job.js', dist).href)
const { giveMemoryBack } = await import(new URL('process/give-memory-back.js', dist).href)
const now = () => performance.timeOrigin + performance.now()

/** Bodies here are short: one chunk. */
const digests = (bytes) => {
  const digest = createHash('sha256').update(bytes).digest('hex')
  return { digest, bytes: bytes.length, chunks: [digest] }
}

/** @param {{ run: string, job: object }} asked @param {(line: string) => void} onNow */
const portFor = (asked, onNow) => {
  const log = []
  let last = ''
  const keep = async (kind, media, bytes) => ({ ...digests(bytes), kind, media, home: 'edge' })
  const lease = { lease: 'lease_1', run: asked.run, workflow: 'bench', step: 'implement', attempt: 1, round: 1 }
  return {
    port: {
      lease: { ...lease, epoch: 1, ttlSeconds: 60, bodies: 'edge', grant: 'x', job: asked.job },
      signal: new AbortController().signal,
      evidence: {
        put: (_run, kind, media, bytes) => keep(kind, media, bytes),
        get: async () => null,
        secretsIn: () => [],
      },
      log: {
        write: (bytes) => void log.push(Buffer.from(bytes)),
        close: () => keep('log', 'text/plain', Buffer.concat(log)),
      },
      report: async (report) => void (last = JSON.stringify(report)),
      settled: async () => {},
      now: onNow,
    },
    said: () => ({ log: Buffer.concat(log).toString('utf8'), last }),
  }
}

giveMemoryBack() // as a worker does that has nothing in hand
console.log('ready')
for await (const line of createInterface({ input: process.stdin })) {
  const asked = JSON.parse(line)
  const began = now()
  let started = null
  const { port, said } = portFor(asked, (words) => {
    if (words === `${asked.job.agent}: edit`) started ??= now()
  })
  await doJob(port, asked.setup)
  console.log(JSON.stringify({ began, started, ended: now(), ...said() }))
  giveMemoryBack()
}
