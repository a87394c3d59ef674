/**
 * What left this machine?
 * One line per message or served range, per run, appended before the bytes go. It holds names of fields and sizes, never values.
 */
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { isDiskFull } from '../disk/durable.ts'
import { openLines, readLines, type LineFile } from '../disk/line-file.ts'
import type { Outgoing } from '@viewportai/core/wire/message-levels'
import { fieldsOf } from './fields.ts'
import { Left } from './left.ts'
import { summaryWithItself } from './summary.ts'

/** What a ledger needs to know of a message. `run` null: it is about the machine. */
export type Leaving = {
  run: string | null
  step?: string
  attempt?: number
  what: string
  message?: { of: Outgoing; value: unknown }
  body?: { digest: string; from: number; to: number }
  /** It goes to another origin than the control plane's, as so many bytes that vpd does not look into. */
  elsewhere?: { to: string; bytes: number; /** places at which a known secret was masked before */ masked?: number }
}
export type Ledger = {
  note(leaving: Leaving): Promise<void>
  /** What left about a run, as the text that is served about it; that it is served is noted, and is in it. */
  tell(run: string): Promise<string>
  close(): Promise<void>
}

// Files kept open at a time: a runner works on few runs at once.
const openAtMost = 32
const owedAtMost = 1_000
const machine = '_machine'
/** Says how many known secrets were taken out before the bytes went. */
const maskedField = 'known secrets masked'
const fileOf = (folder: string, run: string | null): string => path.join(folder, 'egress', `${run ?? machine}.ndjson`)

/** Opens the ledger below a runner's folder. `to`: the origin of the control plane, where most goes. */
export const openLedger = async (folder: string, to: string): Promise<Ledger> => {
  await mkdir(path.join(folder, 'egress'), { recursive: true, mode: 0o700 })
  const files = new Map<string, Promise<LineFile>>()
  const fileFor = (run: string | null): Promise<LineFile> => {
    const name = fileOf(folder, run)
    const file = files.get(name) ?? openLines(name, { flush: false })
    files.delete(name)
    files.set(name, file)
    file.catch(() => files.delete(name)) // tried again with the next line
    const [oldest] = files.keys()
    if (files.size > openAtMost && oldest !== undefined) {
      void files
        .get(oldest)
        ?.then((one) => one.close())
        .catch(() => {})
      files.delete(oldest)
    }
    return file
  }
  // On a full disk the report that says so must still get out: its lines are owed until there is room.
  let owed: { run: string | null; line: Left }[] = []
  const settle = async (): Promise<void> => {
    const mine = owed
    owed = []
    for (const [at, { run, line }] of mine.entries())
      try {
        await (await fileFor(run)).append(line)
      } catch (error) {
        owed = [...mine.slice(at), ...owed]
        if (isDiskFull(error)) return
        throw error
      }
  }
  const write = async (run: string | null, line: Left): Promise<void> => {
    owed.push({ run, line })
    if (owed.length > owedAtMost)
      throw new Error('the ledger of what leaves this machine cannot be written: nothing more leaves')
    await settle()
  }
  return {
    async note({ run, step, attempt, what, message, body, elsewhere }) {
      const whole = elsewhere?.bytes ?? (body ? body.to - body.from : null)
      const fields =
        whole === null
          ? message
            ? fieldsOf(message.of, message.value)
            : []
          : [
              { field: what, level: 'full' as const, count: 1, bytes: whole },
              ...(elsewhere?.masked
                ? [{ field: maskedField, level: 'full' as const, count: elsewhere.masked, bytes: 0 }]
                : []),
            ]
      await write(run, {
        at: new Date().toISOString(),
        to: elsewhere?.to ?? to,
        what,
        step: step ?? null,
        attempt: attempt ?? null,
        bytes: fields.reduce((sum, field) => sum + field.bytes, 0),
        body: body ?? null,
        fields,
      })
    },
    async tell(run) {
      const at = new Date().toISOString()
      const { text, line } = summaryWithItself(await readLeft(folder, run), (bytes) => ({
        at,
        to,
        what: 'this list',
        step: null,
        attempt: null,
        bytes,
        body: null,
        fields: [{ field: 'this list', level: 'paths', count: 1, bytes }],
      }))
      await write(run, line)
      return text
    },
    async close() {
      for (const file of files.values()) await (await file).close()
      files.clear()
    },
  }
}

/** What left about a run (null: about the machine itself), oldest first. */
export const readLeft = async (folder: string, run: string | null): Promise<Left[]> =>
  (await readLines(fileOf(folder, run))).flatMap((line) => Left.safeParse(line).data ?? [])
