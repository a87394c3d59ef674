/**
 * What do the two transports cost a runner that waits, and how soon does it hear of something? Two real vpd, one by polling and one by relay,
 * beside each other; every byte of both is counted on the way, with HTTP's and TLS's own, without those of TCP and IP.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { against, median, ms, percentile, type Figure } from './figures.ts'
import { makeRepository, startRunner } from './agent.ts'
import { endOf, makePlace, type Place } from './place.ts'
import { pause, until } from './until.ts'
import type { Size } from './size.ts'

const transports = ['polling', 'relay'] as const
type Transport = (typeof transports)[number]
type Counted = Record<Transport, { bytes: number; beats: number }>

export const transportFigures = async ({ transport: { idleSeconds, stepSeconds, reads } }: Size): Promise<Figure[]> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'viewport-bench-transport-'))
  const line = await openLine()
  const place = await makePlace(() => ({ VIEWPORT_PUBLIC_URL: line.url, VIEWPORT_LEASE_SECONDS: '5' }))
  line.lead(Number(new URL(place.url).port))
  const agent = ['/bin/sh', '-c', `sleep ${2 * stepSeconds}; seq 1000`]
  const workers = []
  try {
    await place.api.addRepository({ body: { name: 'acme/shop', url: makeRepository(folder), defaultBranch: 'main' } })
    for (const transport of transports)
      workers.push(await startRunner(place, folder, agent, { server: line.url, pool: transport, transport }))
    const runs = new Map<Transport, number>()
    await pause(5_000)
    const idle = await line.during(idleSeconds)
    for (const transport of transports) {
      const source = `name: wait-${transport}\nteam: payments\nrepos: [acme/shop]\nsteps:\n  - { id: wait, agent: clock, mode: plan }\n  - { gate: plan_review, of: wait, approvers: [team:payments] }\nrunner: { pool: ${transport} }\n`
      await place.api.saveWorkflow({ body: { source } })
      await place.api.enableWorkflow({ params: { workflow: `wait-${transport}` }, body: { enabled: true } })
      const { number } = await place.api.startRun({
        body: { workflow: `wait-${transport}`, title: 'wait', text: '', inputs: {}, request: null },
      })
      runs.set(transport, number)
      await until('the step has started', async () => (await factsOf(place, number)).includes('step.started'))
    }
    await pause(2_000)
    const step = await line.during(stepSeconds)
    const bodies = new Map<Transport, string>()
    for (const [transport, number] of runs) {
      await until('the step has finished', async () => (await factsOf(place, number)).includes('step.finished'))
      bodies.set(transport, `/api/runs/${number}/bodies/${await logOf(place, number)}`)
    }
    const took: Record<Transport, number[]> = { polling: [], relay: [] }
    for (let n = -5; n < reads; n++)
      for (const transport of transports) {
        const began = performance.now()
        await (await get(place, bodies.get(transport)!)).arrayBuffer()
        if (n >= 0) took[transport].push(performance.now() - began)
      }
    const perMinute = (of: Transport): number => (idle[of].bytes * 60) / idleSeconds
    const { beats } = step.polling // by relay they are sealed: as many, at the same pace
    const perBeat = (of: Transport): number => (step[of].bytes - (perMinute(of) * stepSeconds) / 60) / beats
    const beside = (of: (transport: Transport) => number) => ({ instead: { what: 'polling', value: of('polling') } })
    return [
      against('relay: bytes of an idle minute', perMinute('relay'), null, kilobytes, beside(perMinute)),
      against('relay: bytes of a beat, with its answer', perBeat('relay'), null, kilobytes, {
        ...beside(perBeat),
        note: `${beats} beats in ${stepSeconds} s, what is idle beside them taken off`,
      }),
      against('relay: a body at the edge is asked for until it is here, p95', percentile(took.relay, 0.95), null, ms, {
        median: median(took.relay),
        instead: { what: 'polling', value: percentile(took.polling, 0.95) },
        note: `an order to the runner and the bytes back; ${reads} each, in turn; medians ${ms(median(took.relay))} and ${ms(median(took.polling))}`,
      }),
    ]
  } finally {
    for (const worker of workers) await endOf(worker)
    await place.close()
    line.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const kilobytes = (bytes: number): string => `${(bytes / 1_000).toFixed(2)} kB`

const get = async (place: Place, route: string): Promise<Response> => {
  const answer = await fetch(place.url + route, { headers: { authorization: `Bearer ${place.token}` } })
  if (!answer.ok) throw new Error(`${route}: ${answer.status} ${await answer.text()}`)
  return answer
}
const textsOf = async (place: Place, number: number): Promise<string[]> => {
  const { facts } = (await (await get(place, `/api/runs/${number}/facts`)).json()) as { facts: { text: string }[] }
  return facts.map(({ text }) => text)
}
type Fact = { type: string; data: { log?: { digest: string } } }
const factsOf = async (place: Place, number: number): Promise<string[]> =>
  (await textsOf(place, number)).map((text) => (JSON.parse(text) as Fact).type)
const logOf = async (place: Place, number: number): Promise<string> =>
  (await textsOf(place, number)).map((text) => JSON.parse(text) as Fact).find(({ type }) => type === 'step.finished')!
    .data.log!.digest

/** A way to the control plane that counts: what asks for a WebSocket on it is a relay, everything else polls. */
const openLine = async () => {
  let port = 0
  const counted: Counted = { polling: { bytes: 0, beats: 0 }, relay: { bytes: 0, beats: 0 } }
  const open = new Set<Socket>()
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    let of: Transport = 'polling'
    near.on('data', (bytes) => {
      if (bytes.includes('Upgrade: websocket')) of = 'relay'
      if (of === 'polling' && /^POST \S+\/beat /.test(bytes.toString('latin1', 0, 100))) counted.polling.beats++
    })
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from)
      from.on('data', (bytes) => {
        counted[of].bytes += bytes.length
        to.write(bytes)
      })
      from.on('error', () => from.destroy())
      from.once('close', () => to.destroy())
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    lead: (to: number) => void (port = to),
    async during(seconds: number): Promise<Counted> {
      const before = structuredClone(counted)
      await pause(seconds * 1_000)
      const grown = (of: Transport) => ({
        bytes: counted[of].bytes - before[of].bytes,
        beats: counted[of].beats - before[of].beats,
      })
      return { polling: grown('polling'), relay: grown('relay') }
    },
    close() {
      server.close()
      for (const socket of open) socket.destroy()
    },
  }
}
