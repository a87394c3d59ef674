/**
 * What does a backup file look like?
 * A gzip of lines of JSON: a head, then per table (and workspace) one line that opens it and one line per row with its columns
 * as PostgreSQL writes them as text, then an end with the count of rows and the SHA-256 of everything before it.
 * It depends on no PostgreSQL version and on none of its programs.
 */
import { createHash, type Hash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { rm } from 'node:fs/promises'
import { finished } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'

export const format = 1

export type Head = {
  readonly viewport: 'backup'
  readonly format: number
  readonly installation: string
  readonly at: string
  readonly migrations: readonly { readonly number: number; readonly name: string; readonly checksum: string }[]
  /** HMAC that tells whether a key is the one this backup's secrets are sealed with. */
  readonly keyCheck: string
  /** The key itself, base64, only when it was asked for: then the file alone opens every secret in it. */
  readonly key: string | null
}
export type Opening = { readonly table: string; readonly workspace: string | null; readonly columns: readonly string[] }
export type Row = readonly (string | null)[]
export type End = { readonly end: true; readonly rows: number; readonly sha256: string }

export type Writer = {
  line(value: Head | Opening | Row): Promise<void>
  end(): Promise<End>
  /** Closes the file, whatever was written, and removes it; a file that was there before is left. For the way out after a failure. */
  abandon(): Promise<void>
}

/** Writes a new file, readable by its owner only. Throws when it exists. */
export const writeLines = (file: string): Writer => {
  const gzip = createGzip({ level: 6 })
  const out = createWriteStream(file, { mode: 0o600, flags: 'wx', flush: true })
  gzip.pipe(out)
  const hash = createHash('sha256')
  let rows = 0
  let broken: Error | null = null
  for (const stream of [gzip, out]) stream.on('error', (error: Error) => void (broken ??= error))
  const opened = new Promise<boolean>((resolve) => {
    out.once('open', () => resolve(true))
    out.once('error', () => resolve(false))
  })
  const put = async (text: string): Promise<void> => {
    if (broken) throw broken
    if (!gzip.write(text))
      await new Promise<void>((resolve) => {
        const go = (): void => {
          for (const stream of [gzip, out]) stream.off('error', go)
          gzip.off('drain', go)
          resolve()
        }
        gzip.once('drain', go)
        for (const stream of [gzip, out]) stream.once('error', go)
      })
  }
  return {
    async line(value) {
      const text = `${JSON.stringify(value)}\n`
      hash.update(text)
      if (Array.isArray(value)) rows++
      await put(text)
    },
    async end() {
      const last: End = { end: true, rows, sha256: hash.digest('hex') }
      await put(`${JSON.stringify(last)}\n`)
      gzip.end()
      await finished(out)
      if (broken) throw broken
      return last
    },
    async abandon() {
      // It is opened in the background: only then is it known whether it is ours, and only then can it be removed for good.
      const ours = await opened
      gzip.unpipe(out)
      gzip.destroy()
      if (!out.closed) await new Promise<void>((resolve) => void out.once('close', resolve).destroy())
      if (ours) await rm(file, { force: true })
    },
  }
}

export type Line =
  | { readonly kind: 'head'; readonly head: Head }
  | { readonly kind: 'open'; readonly open: Opening }
  | { readonly kind: 'row'; readonly row: Row }

/** Reads a file line by line. Throws at the first thing that is not as it was written; a cut file is noticed at its end. */
export async function* readLines(file: string): AsyncGenerator<Line> {
  const source = createReadStream(file)
  const gunzip = createGunzip()
  source.on('error', (error) => gunzip.destroy(error))
  const hash = createHash('sha256')
  let [number, rows, ended] = [0, 0, false]
  try {
    for await (const text of createInterface({ input: source.pipe(gunzip), crlfDelay: Number.POSITIVE_INFINITY })) {
      number++
      if (ended) throw new Error('there is something after its end')
      const value = parsed(text)
      if (!Array.isArray(value) && 'end' in value) {
        check(value, rows, hash)
        ended = true
        continue
      }
      hash.update(`${text}\n`)
      if (number === 1) yield { kind: 'head', head: headOf(value) }
      else if (Array.isArray(value)) {
        rows++
        yield { kind: 'row', row: value as Row }
      } else yield { kind: 'open', open: value as Opening }
    }
    if (!ended) throw new Error('its end is missing: it was cut, or is still being written')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error(`There is no file ${file}.`, { cause: error })
    throw new Error(`${file} is not a whole backup of Viewport (line ${number}): ${(error as Error).message}.`, {
      cause: error,
    })
  } finally {
    source.destroy()
  }
}

const parsed = (text: string): Head | Opening | Row | End => {
  try {
    return JSON.parse(text) as Head | Opening | Row | End
  } catch {
    throw new Error('it was cut or changed here')
  }
}

const check = (end: End, rows: number, hash: Hash): void => {
  if (end.rows !== rows) throw new Error(`it says ${end.rows} rows and has ${rows}`)
  if (end.sha256 !== hash.digest('hex')) throw new Error('its checksum does not fit: a byte was changed')
}

const headOf = (value: unknown): Head => {
  const head = value as Head
  if (head.viewport !== 'backup') throw new Error('it does not begin like one')
  if (head.format > format) throw new Error(`it was written by a newer Viewport (format ${head.format})`)
  return head
}
