/** How is a file of JSON lines appended and read, when a crash may cut the last line and the disk may be full? */
import { open, readFile, type FileHandle } from 'node:fs/promises'
import { isMissing } from './durable.ts'

/** An open file of lines. Appends happen one after the other; a line is on the disk when `append` resolves. */
export type LineFile = {
  append(line: unknown): Promise<void>
  close(): Promise<void>
}

/** Opens a file for appending (made when missing, mode 0600). A last line that a crash cut short is removed first. */
export const openLines = async (file: string, options: { flush: boolean }): Promise<LineFile> => {
  const handle = await open(file, 'a+', 0o600)
  let length = await cutTornLine(handle)
  let last: Promise<unknown> = Promise.resolve()
  const append = async (line: unknown): Promise<void> => {
    const bytes = Buffer.from(`${JSON.stringify(line)}\n`)
    try {
      for (let at = 0; at < bytes.length;) at += (await handle.write(bytes, at)).bytesWritten
      if (options.flush) await handle.datasync()
      length += bytes.length
    } catch (error) {
      // Half a line would make the next one unreadable too.
      await handle.truncate(length).catch(() => {})
      throw error
    }
  }
  return {
    append(line) {
      const mine = last.then(() => append(line))
      last = mine.catch(() => {})
      return mine
    },
    async close() {
      await last
      await handle.close()
    },
  }
}

/** All whole lines of a file, parsed; none when there is no file. What does not parse is left out. */
export const readLines = async (file: string): Promise<unknown[]> => {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return ''
    throw error
  })
  return text
    .slice(0, text.lastIndexOf('\n') + 1)
    .split('\n')
    .flatMap((line) => {
      try {
        return line === '' ? [] : [JSON.parse(line) as unknown]
      } catch {
        return []
      }
    })
}

const cutTornLine = async (handle: FileHandle): Promise<number> => {
  const { size } = await handle.stat()
  const tail = Buffer.alloc(Math.min(size, 4 * 1024 * 1024))
  await handle.read(tail, 0, tail.length, size - tail.length)
  const end = tail.lastIndexOf(10)
  const whole = end < 0 && tail.length === size ? 0 : size - tail.length + end + 1
  if (whole !== size) await handle.truncate(whole)
  return whole
}
