/** How is a file that a command names read? `-` is the standard input. */
import { readFileSync } from 'node:fs'
import { gathering } from '@viewportai/core/wire/gather'
import { Stop } from './exit.ts'

/** The text of a file, or of the standard input. Throws a `Stop` that says what is wrong. `most`: bytes. */
export const readInput = async (file: string, most = 4_194_304): Promise<string> => {
  const bytes = file === '-' ? await readStandardInput(most) : readNamed(file)
  if (bytes === null || bytes.length > most)
    throw new Stop('usage', `${nameOf(file)} is larger than ${most / 1_024} kB.`)
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
  return text
}

/** What the system said about a file, in words. `more`: words of the caller's own for some of its codes. */
export const fileTrouble = (error: unknown, more: Readonly<Record<string, string>> = {}): string => {
  const words: Record<string, string> = {
    ENOENT: 'its folder is not there',
    ENOTDIR: 'a part of its path is a file',
    EISDIR: 'it is a folder',
    EACCES: 'you may not write there',
    EPERM: 'you may not write there',
    EROFS: 'the disk is read-only',
    ENOSPC: 'the disk is full',
    ...more,
  }
  return words[(error as NodeJS.ErrnoException).code ?? ''] ?? (error instanceof Error ? error.message : String(error))
}

/** How an input is called in messages. */
export const nameOf = (file: string): string => (file === '-' ? 'standard input' : file)

const readNamed = (file: string): Uint8Array => {
  try {
    return readFileSync(file)
  } catch (error) {
    const why = fileTrouble(error, { ENOENT: 'there is no such file', EACCES: 'you may not read it' })
    throw new Stop('usage', `${file} cannot be read: ${why}.`)
  }
}

const readStandardInput = async (most: number): Promise<Uint8Array | null> => {
  const gathered = gathering(most)
  for await (const chunk of process.stdin) if (!gathered.take(chunk as Buffer)) return null
  return gathered.whole()
}
