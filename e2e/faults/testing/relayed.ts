// What came to the control plane by relay? What passes between them is sealed: it is read where it is opened (note-relayed.mjs).
import { closeSync, existsSync, openSync, readSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

import type { Passed } from './proxy.ts'
import { readRequest } from './wire-request.ts'

type Note = { url: string; dpop: string; body: string; status: number; said: string; sent: number; at: number }

/** Tells of every message as soon as its answer was given, in the order of their answers. `stop` reads what is left. */
export function readRelayed(file: string, tell: (one: Passed) => void): { stop(): Promise<void> } {
  const off = performance.now() - Number(process.hrtime.bigint()) / 1_000_000
  let [over, at, rest] = [false, 0, '']
  const look = (): void => {
    if (!existsSync(file)) return
    const handle = openSync(file, 'r')
    try {
      for (const part = Buffer.alloc(1_048_576); ;) {
        const read = readSync(handle, part, 0, part.length, at)
        if (read === 0) break
        at += read
        rest += part.toString('latin1', 0, read)
      }
    } finally {
      closeSync(handle)
    }
    const lines = rest.split('\n')
    rest = lines.pop()!
    for (const line of lines) tell(passedOf(JSON.parse(Buffer.from(line, 'latin1').toString()) as Note, off))
  }
  const looking = (async () => {
    for (; !over; await sleep(15)) look()
    look()
  })()
  return {
    async stop() {
      over = true
      await looking
    },
  }
}

const passedOf = ({ url, dpop, body, status, said, sent, at }: Note, off: number): Passed => ({
  ...readRequest({ url, headers: { dpop } }, Buffer.from(body)),
  status,
  said: said === '' ? {} : (JSON.parse(said) as Record<string, unknown>),
  sent: sent + off,
  at: at + off,
  repeat: false,
  sealed: true,
})
