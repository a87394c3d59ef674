/**
 * What did this runner take on, and what has it reported, whatever happens to vpd?
 * One file per lease and epoch, every line flushed before it counts. Its first line names the lease; then reports with their numbers,
 * what the control plane accepted, and how it ended.
 */
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { mkdir } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { refuse } from '@viewportai/core/refusal'
import { Report } from '@viewportai/core/wire/messages'
import { openLines, readLines } from '../disk/line-file.ts'
import { NewerVpd, refuseNewer } from '../disk/newer.ts'
import { Refused } from '../wire/refused.ts'

export const Head = z.object({
  v: z.literal(1),
  lease: z.string(),
  epoch: z.int().positive(),
  run: z.string(),
  step: z.string(),
  attempt: z.int().positive(),
  kind: z.enum(['agent', 'checks', 'effect']),
  bodies: z.enum(['edge', 'stored']),
})
/** Which lease a journal is about. */
export type Head = z.infer<typeof Head>
const Line = z.union([
  z.object({ seq: z.int().positive(), report: Report, signature: z.string().nullable() }),
  z.object({ accepted: z.int().positive() }),
  z.object({ began: z.literal(true) }),
  z.object({ ended: z.enum(['done', 'refused', 'lost']) }),
])

export type Entry = { readonly seq: number; readonly report: Report; readonly signature: string | null }
export type Journal = {
  readonly head: Head
  /** Reports that were not accepted yet, in order. */
  pending(): readonly Entry[]
  /** The number the next report gets. */
  next(): number
  /** Did the work begin? Is there a report that ends the lease? */
  began(): boolean
  last(): Report | null
  markBegan(): Promise<void>
  add(entry: Entry): Promise<void>
  /** Keeps a report in memory alone: for the one that says the disk is full. */
  addUnwritten(entry: Entry): void
  accepted(seq: number): Promise<void>
  /** Closes the file. 'lost' is kept beside for the retention time, the rest is erased. */
  end(how: 'done' | 'refused' | 'lost'): Promise<void>
  /** Closes the file and leaves it for the next start. */
  leave(): Promise<void>
}

/** How much may wait to be sent per lease, and how many reports. */
export const spoolLimit = { reports: 10_000, bytes: 16 * 1024 * 1024 } as const
const folderOf = (folder: string): string => path.join(folder, 'journal')
const fileOf = (folder: string, head: Pick<Head, 'lease' | 'epoch'>): string =>
  path.join(folderOf(folder), `${head.lease}.${head.epoch}.ndjson`)

/** Does this report end a lease? */
export const endsLease = (report: Report): boolean =>
  ['parked', 'finished', 'failed', 'effect_succeeded', 'effect_failed', 'effect_unknown'].includes(report.type)

/** Opens the journal of a lease: new, or as an earlier vpd left it. */
export const openJournal = async (folder: string, head: Head): Promise<Journal> => {
  await mkdir(folderOf(folder), { recursive: true, mode: 0o700 })
  const file = fileOf(folder, head)
  const { entries, accepted, began } = readBack(file, await readLines(file))
  const lines = await openLines(file, { flush: true })
  if ((await stat(file)).size === 0) await lines.append(head)
  return living(file, head, lines, entries, accepted, began)
}

/** The leases that an earlier vpd did not bring to an end. A file whose first line is unreadable is moved aside. Throws NewerVpd. */
export const unfinished = async (folder: string): Promise<Head[]> => {
  const names = await readdir(folderOf(folder)).catch(() => [])
  const heads: Head[] = []
  for (const name of names.filter((one) => one.endsWith('.ndjson')).toSorted()) {
    const file = path.join(folderOf(folder), name)
    const lines = await readLines(file)
    const [first] = lines
    refuseNewer(file, first, 1)
    readBack(file, lines) // before anything of another lease is touched
    const head = Head.safeParse(first).data
    if (head) heads.push(head)
    else await rename(file, `${file}.unreadable`)
  }
  return heads
}

/** Erases what was kept of lost leases for longer than this. */
export const pruneJournals = async (folder: string, olderThanMs: number): Promise<void> => {
  for (const name of await readdir(folderOf(folder)).catch(() => [])) {
    const file = path.join(folderOf(folder), name)
    if (name.endsWith('.ndjson')) continue
    const { mtimeMs } = await stat(file)
    if (Date.now() - mtimeMs > olderThanMs) await rm(file, { force: true })
  }
}

const readBack = (file: string, lines: unknown[]): { entries: Entry[]; accepted: number; began: boolean } => {
  let accepted = 0
  let began = false
  const entries: Entry[] = []
  for (const one of lines.slice(1)) {
    const line = Line.safeParse(one).data
    if (line === undefined) {
      // A report that was left out would make those after it another story.
      if (typeof one === 'object' && one !== null && 'seq' in one) throw new NewerVpd(file)
      continue
    }
    if ('seq' in line) entries.push(line)
    else if ('accepted' in line) accepted = Math.max(accepted, line.accepted)
    else if ('began' in line) began = true
  }
  return { entries, accepted, began }
}

const living = (
  file: string,
  head: Head,
  lines: Awaited<ReturnType<typeof openLines>>,
  entries: Entry[],
  acceptedBefore: number,
  begunBefore: boolean,
): Journal => {
  let pending = entries.filter(({ seq }) => seq > acceptedBefore)
  let waiting = pending.reduce((sum, entry) => sum + sizeOf(entry), 0)
  let next = Math.max(acceptedBefore, entries.at(-1)?.seq ?? 0) + 1
  let began = begunBefore
  let last = entries.at(-1)?.report ?? null
  const take = (entry: Entry): void => {
    pending.push(entry)
    waiting += sizeOf(entry)
    next = entry.seq + 1
    last = entry.report
  }
  return {
    head,
    pending: () => pending,
    next: () => next,
    began: () => began,
    last: () => last,
    async markBegan() {
      await lines.append({ began: true })
      began = true
    },
    async add(entry) {
      if (pending.length >= spoolLimit.reports || waiting + sizeOf(entry) > spoolLimit.bytes)
        throw new Refused(
          refuse('runner_refused', {
            what: 'another report',
            rule: `${pending.length} reports (${waiting} bytes) wait for the control plane already`,
          }),
        )
      await lines.append(entry)
      take(entry)
    },
    addUnwritten: take,
    async accepted(seq) {
      const gone = pending.filter((entry) => entry.seq <= seq)
      if (gone.length === 0) return
      pending = pending.filter((entry) => entry.seq > seq)
      waiting -= gone.reduce((sum, entry) => sum + sizeOf(entry), 0)
      // Only spares sending them again after a crash, which does no harm: a full disk is no reason to stop here.
      await lines.append({ accepted: seq }).catch(() => {})
    },
    async end(how) {
      await lines.append({ ended: how }).catch(() => {})
      await lines.close()
      if (how === 'lost') await rename(file, file.replace(/\.ndjson$/, '.lost'))
      else await rm(file, { force: true })
    },
    leave: () => lines.close(),
  }
}

const sizeOf = (entry: Entry): number => JSON.stringify(entry).length
