/**
 * Where is the session of Claude Code kept between two attempts?
 * In the step's state, as its own file; nothing else of its folder is kept. The agent could write there, so no link in it is followed.
 */
import { lstat, mkdir, readdir, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { isRealFolder, readKept, writeKept } from './kept-state.ts'

/** Its folder for everything (CLAUDE_CONFIG_DIR). */
export const configOf = (state: string): string => path.join(state, 'claude')
/** Where it looks for the login of its owner. */
export const loginOf = (state: string): string => path.join(configOf(state), '.credentials.json')
/** Where it writes a plan before it hands it in. */
export const plansOf = (state: string): string => path.join(configOf(state), 'plans')

const noteName = 'claude-session.json'

// What is read back names a file and a text; it allows nothing.
const Note = z.object({
  session: z.uuid(),
  asked: z.object({ ask: z.string(), text: z.string() }).nullable(),
})
export type Note = z.infer<typeof Note>

/** Notes which session is worked in and what it waits for. Throws WorkFailed when the state folder is not the one vpd made. */
export const writeNote = (state: string, note: Note): Promise<void> => writeKept(state, noteName, note)

/** Makes its folder where there is none, or where something else stands in its place. */
export const makeConfig = async (state: string): Promise<void> => {
  if (await isRealFolder(configOf(state))) return
  await rm(configOf(state), { recursive: true, force: true })
  await mkdir(configOf(state), { mode: 0o700 })
}

/** The session that was worked in, with its file; null when there is none to go on with. */
export const lastSession = async (state: string): Promise<(Note & { file: string }) | null> => {
  const note = await readKept(state, noteName, Note)
  const projects = path.join(configOf(state), 'projects')
  if (note === null || !(await isRealFolder(configOf(state))) || !(await isRealFolder(projects))) return null
  for (const name of await readdir(projects)) {
    const file = path.join(projects, name, `${note.session}.jsonl`)
    if ((await isRealFolder(path.dirname(file))) && (await lstat(file).catch(() => null))?.isFile())
      return { ...note, file }
  }
  return null
}

/** Leaves the note and the sessions alone: caches, plans and copies of settings are gone with the attempt. */
export const keepSessionOnly = async (state: string): Promise<void> => {
  await keepOnly(state, [noteName, path.basename(configOf(state))])
  await keepOnly(configOf(state), ['projects'])
}

const keepOnly = async (folder: string, names: readonly string[]): Promise<void> => {
  if (!(await isRealFolder(folder))) return rm(folder, { force: true })
  for (const name of await readdir(folder))
    if (!names.includes(name)) await rm(path.join(folder, name), { recursive: true, force: true })
}
