/**
 * What is kept of an agent between two attempts?
 * Its own state folder, and its unfinished files as a tree in the cache. A session never changes: each attempt ends in a new one, written beside
 * its place and renamed, so that a killed vpd leaves either the old session or both, never half of one.
 */
import { randomBytes } from 'node:crypto'
import { cp, lstat, mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { stateReplaced } from './failure.ts'
import type { Setup } from './port.ts'

const Meta = z.strictObject({
  agent: z.string(),
  step: z.string(),
  /** tree of the unfinished files; null where the result is the change itself */ tree: z.string().nullable(),
})
export type Session = z.infer<typeof Meta> & { readonly id: string; readonly state: string }

const folderOf = (setup: Pick<Setup, 'home'>, run: string): string =>
  path.join(setup.home, 'sessions', run.replace(/[^A-Za-z0-9_-]/g, '-'))

/** Keeps a copy of `state` as a new session; its id. */
export const saveSession = async (
  setup: Setup,
  run: string,
  meta: z.infer<typeof Meta>,
  state: string,
): Promise<string> => {
  const id = `ses_${randomBytes(10).toString('hex')}`
  const folder = path.join(folderOf(setup, run), id)
  const draft = `${folder}.draft`
  await mkdir(draft, { recursive: true, mode: 0o700 })
  await copyPlain(state, path.join(draft, 'state'))
  await writeFile(path.join(draft, 'session.json'), JSON.stringify(Meta.parse(meta)), { flush: true })
  await rename(draft, folder)
  return id
}

/** A session of this run and agent, or null when it is not on this machine (any more). */
export const findSession = async (setup: Setup, run: string, id: string, agent: string): Promise<Session | null> => {
  if (!/^ses_[0-9a-f]{20}$/.test(id)) return null
  const folder = path.join(folderOf(setup, run), id)
  const text = await readFile(path.join(folder, 'session.json'), 'utf8').catch(() => null)
  const meta = text === null ? null : Meta.parse(JSON.parse(text))
  return meta?.agent === agent ? { ...meta, id, state: path.join(folder, 'state') } : null
}

/** Puts a session's state into an attempt's folder; the session itself stays as it is. */
export const restoreState = (session: Session, to: string): Promise<void> => copyPlain(session.state, to)

/**
 * Folders and regular files alone. The agent wrote there: a link that it planted could lead a later write of vpd's out of the step's folder, and a pipe
 * would hold the copy up for ever. Throws WorkFailed when the folder itself is no folder any more.
 */
const copyPlain = async (from: string, to: string): Promise<void> => {
  if (!(await lstat(from)).isDirectory()) throw stateReplaced()
  await cp(from, to, {
    recursive: true,
    filter: async (file) => {
      const found = await lstat(file)
      return found.isDirectory() || found.isFile()
    },
  })
}
