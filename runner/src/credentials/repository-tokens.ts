/** Which tokens of repositories lie on this runner? Of `credentials.json` in the folder of each pairing; values stay there. */
import { chmod, readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { isMissing, writeDurably } from '../disk/durable.ts'
import { lastUse } from './last-used.ts'
import type { Listed } from './classes.ts'

const File = z.record(z.string(), z.record(z.string(), z.unknown()))
export type RepositoryClass = 'checkout' | 'publish'

export const tokensFile = (folder: string): string => path.join(folder, 'credentials.json')

/** The tokens in a runner's folder, without their values. A file that cannot be read is one entry that says why. */
export const listTokens = async (folder: string): Promise<Listed[]> => {
  const file = tokensFile(folder)
  const found = await stat(file).catch(() => null)
  if (!found) return []
  const open = (found.mode & 0o077) !== 0 && process.platform !== 'win32'
  const note = open ? 'not used: others than its owner may read the file (chmod 600)' : null
  const all = await readTokens(folder).catch(() => null)
  if (!all)
    return [
      {
        class: 'checkout',
        scope: '?',
        source: file,
        url: null,
        set: null,
        lastUsed: null,
        note: 'not used: its form is not as expected',
      },
    ]
  const kinds = ['checkout', 'publish'] as const
  return Promise.all(
    Object.entries(all).flatMap(([scope, entry]) =>
      kinds
        .filter((kind) => Object.hasOwn(entry, kind))
        .map(async (kind): Promise<Listed> => ({
          class: kind,
          scope,
          source: file,
          url: null,
          set: null,
          lastUsed: await lastUse(folder, kind, scope),
          note,
        })),
    ),
  )
}

/** Keeps a token for addresses that begin so. What else stands in the file stays. */
export const keepToken = async (
  folder: string,
  kind: RepositoryClass,
  scope: string,
  token: { username: string; token: string },
): Promise<string> => {
  const all = await readTokens(folder)
  all[scope] = { ...all[scope], [kind]: token }
  return write(folder, all)
}

/** Forgets a token. False: there was none. */
export const forgetToken = async (folder: string, kind: RepositoryClass, scope: string): Promise<boolean> => {
  const all = await readTokens(folder)
  const entry = Object.hasOwn(all, scope) ? all[scope]! : {}
  if (!Object.hasOwn(entry, kind)) return false
  delete entry[kind]
  if (Object.keys(entry).every((name) => name === 'ca')) delete all[scope]
  await write(folder, all)
  return true
}

const readTokens = async (folder: string): Promise<z.infer<typeof File>> => {
  const text = await readFile(tokensFile(folder), 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return '{}'
    throw error
  })
  return File.parse(JSON.parse(text))
}

const write = async (folder: string, all: z.infer<typeof File>): Promise<string> => {
  const file = tokensFile(folder)
  await writeDurably(file, `${JSON.stringify(all, null, 2)}\n`)
  await chmod(file, 0o600)
  return file
}
