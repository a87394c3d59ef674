/**
 * Where does the output of a running attempt go?
 * Into one file, redacted on the way, readable while it grows. When it is closed it becomes a body of the run.
 * It never keeps more than its limit: a step that writes a gigabyte fills neither the disk nor the memory.
 */
import { closeSync, fsyncSync, openSync, writeSync } from 'node:fs'
import { mkdir, readdir, stat, writeFile } from 'node:fs/promises'
import { EventEmitter } from 'node:events'
import path from 'node:path'
import type { BodyRef } from '@viewportai/core/digest/body'
import { isMissing } from '../disk/durable.ts'
import type { Redactor } from '../egress/redact.ts'
import type { StepLog } from '../work/port.ts'
import { digester } from './digester.ts'
import { ownLines } from './own-lines.ts'
import type { EvidenceStore } from './store.ts'

export type LogPlace = { readonly run: string; readonly step: string; readonly attempt: number; readonly epoch: number }
/** A log that others may follow. `bytes` grows; 'grown' is emitted after each growth and 'closed' once. */
export type LiveLog = StepLog & {
  readonly file: string
  bytes(): number
  closed(): boolean
  readonly events: EventEmitter
}

/** The folder of a run's logs. */
export const logFolder = (folder: string, run: string): string => path.join(folder, 'logs', run)
const logFile = (folder: string, { run, step, attempt, epoch }: LogPlace): string =>
  path.join(logFolder(folder, run), `${step}.${attempt}.${epoch}.log`)

/** The runs that have logs here, the latest first. */
export const runsWithLogs = async (folder: string): Promise<string[]> => {
  const runs = await readdir(path.join(folder, 'logs')).catch((error: unknown): string[] => {
    if (isMissing(error)) return []
    throw error
  })
  const dated = await Promise.all(
    runs.map(async (run) => ({ run, at: (await stat(logFolder(folder, run)).catch(() => null))?.mtimeMs ?? 0 })),
  )
  return dated.toSorted((a, b) => b.at - a.at).map(({ run }) => run)
}

/** The logs of a run, oldest first: each with its place, file, and whether it was closed. */
export const logsOf = async (
  folder: string,
  run: string,
): Promise<(LogPlace & { file: string; closed: boolean })[]> => {
  const names = await readdir(logFolder(folder, run)).catch((error: unknown): string[] => {
    if (isMissing(error)) return []
    throw error
  })
  const found = await Promise.all(
    names.map(async (name) => {
      const parts = /^(.+)\.(\d+)\.(\d+)\.log$/.exec(name)
      if (!parts) return []
      const file = path.join(logFolder(folder, run), name)
      const began = (await stat(file).catch(() => null))?.birthtimeMs
      if (began === undefined) return [] // erased meanwhile
      const log = {
        run,
        step: parts[1]!,
        attempt: Number(parts[2]),
        epoch: Number(parts[3]),
        file,
        closed: names.includes(`${name}.closed`),
      }
      return [{ began, log }]
    }),
  )
  // Epochs count within a step; which step was first, only the time tells.
  return found
    .flat()
    .toSorted((a, b) => a.began - b.began || a.log.epoch - b.log.epoch)
    .map(({ log }) => log)
}

/** Begins the log of an attempt. `onFault` is told once when the disk takes no more. */
export const beginLog = async (options: {
  folder: string
  place: LogPlace
  redactor: Redactor
  evidence: EvidenceStore
  home: BodyRef['home']
  limit: number
  onFault: (error: unknown) => void
}): Promise<LiveLog> => {
  const file = logFile(options.folder, options.place)
  await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
  const handle = openSync(file, 'w', 0o600)
  const stream = options.redactor.stream()
  const lines = ownLines()
  const digests = digester()
  const events = new EventEmitter()
  events.setMaxListeners(0)
  let taken = 0
  let dropped = 0
  let closing: Promise<BodyRef> | null = null
  let broken: unknown = null

  const put = (bytes: Buffer): void => {
    if (broken !== null || bytes.length === 0) return
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(handle, bytes, at)
    } catch (error) {
      broken = error ?? new Error('the log could not be written')
      options.onFault(error)
      return
    }
    digests.add(bytes)
    events.emit('grown')
  }

  const close = async (): Promise<BodyRef> => {
    put(lines.marked(stream.end(), !dropped))
    if (dropped) {
      const words = `${dropped} more bytes were not kept: the log of an attempt is limited to ${options.limit} bytes`
      put(lines.marked(lines.own(words), true))
    }
    if (broken === null) fsyncSync(handle)
    closeSync(handle)
    if (broken !== null) {
      events.emit('closed')
      throw new Error('the log is not whole', { cause: broken })
    }
    const ref: BodyRef = { ...digests.end(), kind: 'log', media: 'text/plain; charset=utf-8', home: options.home }
    events.emit('closed')
    await writeFile(`${file}.closed`, '', { mode: 0o600 })
    return options.evidence.adopt(options.place.run, file, ref)
  }

  const write = (bytes: Uint8Array): void => {
    if (closing || broken !== null) return
    const room = Math.max(0, options.limit - taken)
    taken += Math.min(room, bytes.length)
    dropped += Math.max(0, bytes.length - room)
    if (room > 0) put(lines.marked(stream.push(bytes.length > room ? bytes.subarray(0, room) : bytes), false))
  }

  return {
    file,
    events,
    bytes: () => digests.bytes(),
    closed: () => closing !== null,
    write: (input) => write(lines.guest(typeof input === 'string' ? Buffer.from(input, 'utf8') : input)),
    own: (words) => write(lines.own(words)),
    close: () => (closing ??= close()),
  }
}
