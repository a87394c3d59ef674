/**
 * Where do bodies live on this machine, and for how long?
 * Files named by their digest, one index per run, redacted before they reach the disk. What a run named is erased with the run.
 */
import { createHash, randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { link, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import path from 'node:path'
import { Readable } from 'node:stream'
import { z } from 'zod'
import { bodyKinds, type BodyRef } from '@viewportai/core/digest/body'
import { refuse } from '@viewportai/core/refusal'
import { isMissing, writeDurably } from '../disk/durable.ts'
import { openLines, readLines } from '../disk/line-file.ts'
import type { Redactor } from '../egress/redact.ts'
import { digester } from './digester.ts'
import { Refused } from '../wire/refused.ts'

const Entry = z.object({
  digest: z.string(),
  kind: z.enum(bodyKinds),
  media: z.string(),
  bytes: z.int(),
  at: z.string(),
})
/** One body of a run. */
export type Entry = z.infer<typeof Entry>
type Described = Pick<BodyRef, 'digest' | 'bytes' | 'chunks' | 'kind' | 'media' | 'lines' | 'home'>

export type EvidenceStore = {
  put(run: string, kind: BodyRef['kind'], media: string, bytes: Uint8Array, home: BodyRef['home']): Promise<BodyRef>
  /** Takes a finished, already redacted file (a log) over as a body of the run. */
  adopt(run: string, file: string, ref: Described): Promise<BodyRef>
  /** The bytes, or null when they are not here (any more) or are not what was stored. */
  get(digest: string): Promise<Uint8Array | null>
  /** A body that this run named, or null. */
  find(run: string, digest: string): Promise<Entry | null>
  read(digest: string, from: number, to: number): Readable
  /** Erases what this run named and no other run does. */
  forget(run: string): Promise<void>
  /** Runs whose index was not touched for so long. */
  old(olderThanMs: number): Promise<string[]>
}

/** Opens the store below a runner's folder. */
export const openEvidence = (folder: string, redactor: Redactor): EvidenceStore => {
  const bodies = path.join(folder, 'evidence', 'bodies')
  const runs = path.join(folder, 'evidence', 'runs')
  const fileOf = (digest: string): string => path.join(bodies, digest.slice(0, 2), digest)
  const indexOf = (run: string): string => path.join(runs, `${run}.ndjson`)
  const entriesOf = async (run: string): Promise<Entry[]> =>
    (await readLines(indexOf(run))).flatMap((line) => Entry.safeParse(line).data ?? [])

  const note = async (run: string, described: Described): Promise<BodyRef> => {
    // Of an empty body there is nothing to store elsewhere.
    const ref: BodyRef = { ...described, home: described.bytes === 0 ? 'edge' : described.home }
    await mkdir(runs, { recursive: true, mode: 0o700 })
    const index = await openLines(indexOf(run), { flush: true })
    try {
      await index.append({
        digest: ref.digest,
        kind: ref.kind,
        media: ref.media,
        bytes: ref.bytes,
        at: new Date().toISOString(),
      } satisfies Entry)
    } finally {
      await index.close()
    }
    return ref
  }

  const forget = async (run: string): Promise<void> => {
    const mine = new Set((await entriesOf(run)).map(({ digest }) => digest))
    await rm(indexOf(run), { force: true })
    for (const other of await names(runs)) for (const { digest } of await entriesOf(other)) mine.delete(digest)
    for (const digest of mine) await rm(fileOf(digest), { force: true })
  }

  return {
    async put(run, kind, media, bytes, home) {
      const kept = kind === 'patch' ? wholePatch(redactor, bytes) : redactor.bytes(bytes)
      const sums = digester()
      sums.add(kept)
      const { lines, ...digests } = sums.end()
      await mkdir(path.dirname(fileOf(digests.digest)), { recursive: true, mode: 0o700 })
      await writeDurably(fileOf(digests.digest), kept)
      return note(run, {
        ...digests,
        kind,
        media,
        home,
        ...(media.startsWith('text/') ? { lines } : {}),
      })
    },
    async adopt(run, file, ref) {
      await mkdir(path.dirname(fileOf(ref.digest)), { recursive: true, mode: 0o700 })
      const beside = `${fileOf(ref.digest)}.${randomBytes(4).toString('hex')}.new`
      await link(file, beside)
      await rename(beside, fileOf(ref.digest)).finally(() => rm(beside, { force: true })) // a rename onto the same file leaves both
      return note(run, ref)
    },
    async get(digest) {
      const bytes = await readFile(fileOf(digest)).catch(orNull)
      return bytes && createHash('sha256').update(bytes).digest('hex') === digest ? bytes : null
    },
    async find(run, digest) {
      const entry = (await entriesOf(run)).find((one) => one.digest === digest)
      return entry && (await stat(fileOf(digest)).catch(orNull))?.size === entry.bytes ? entry : null
    },
    read: (digest, from, to) =>
      to > from ? createReadStream(fileOf(digest), { start: from, end: to - 1 }) : Readable.from([]),
    forget,
    async old(olderThanMs) {
      const found: string[] = []
      for (const run of await names(runs)) {
        const touched = (await stat(indexOf(run)).catch(orNull))?.mtimeMs ?? Date.now()
        if (Date.now() - touched > olderThanMs) found.push(run)
      }
      return found
    },
  }
}

// A patch must stay byte for byte what the tree says; one that holds a value this runner knows as secret goes nowhere.
const wholePatch = (redactor: Redactor, bytes: Uint8Array): Uint8Array => {
  const names = redactor.known(bytes)
  if (names.length)
    throw new Refused(
      refuse('runner_refused', {
        what: 'to keep the change',
        rule: `it holds the value of ${names.join(', ')}`,
        secrets: names,
      }),
    )
  return bytes
}

const names = async (folder: string): Promise<string[]> => {
  const found = await readdir(folder).catch((error: unknown): string[] => {
    if (isMissing(error)) return []
    throw error
  })
  return found.flatMap((name) => /^(.+)\.ndjson$/.exec(name)?.[1] ?? [])
}

const orNull = (error: unknown): null => {
  if (isMissing(error)) return null
  throw error
}
