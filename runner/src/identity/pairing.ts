/** Which control planes is this machine paired with, and as whom? */
import { readdir, readFile, rm } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { PublicJwk } from '@viewportai/core/wire/messages'
import { isMissing, privateFolder, writeDurably } from '../disk/durable.ts'
import { refuseNewer } from '../disk/newer.ts'
import { runnerFolder } from './home.ts'

/** What an approved pairing left behind. `serverKeys` are pinned: grants signed by any other key are refused. */
export const Pairing = z.strictObject({
  v: z.literal(1),
  server: z.string(),
  runner: z.string().regex(/^[A-Za-z0-9_-]{1,80}$/, 'a runner id names a folder'),
  name: z.string(),
  pool: z.string(),
  workspace: z.strictObject({ id: z.string(), name: z.string() }),
  repositories: z.array(z.string()),
  serverKeys: z.array(PublicJwk).min(1),
  transport: z.enum(['polling', 'relay']),
  /** The address of a separate relay; without it the control plane is the relay. */
  relay: z.string().optional(),
})
export type Pairing = z.infer<typeof Pairing>

const fileOf = (home: string, runner: string): string => path.join(runnerFolder(home, runner), 'pairing.json')
/** Where the key of a pairing is. */
export const keyFileOf = (home: string, runner: string): string => path.join(runnerFolder(home, runner), 'key.json')

/** Saves a pairing. The key must be in its folder already: a pairing without its key would be useless. */
export const savePairing = async (home: string, pairing: Pairing): Promise<void> => {
  await privateFolder(runnerFolder(home, pairing.runner))
  await writeDurably(fileOf(home, pairing.runner), `${JSON.stringify(Pairing.parse(pairing), null, 2)}\n`)
}

/** Every pairing of this home. A folder without a readable pairing is an interrupted one and left out. */
export const readPairings = async (home: string): Promise<Pairing[]> => {
  const names = await readdir(path.join(home, 'runners')).catch((error: unknown) => {
    if (isMissing(error)) return []
    throw error
  })
  const found = await Promise.all(names.toSorted().map((name) => readPairing(home, name)))
  return found.filter((pairing) => pairing !== null)
}

/** Erases a pairing: its key, journal, logs and evidence. */
export const erasePairing = (home: string, runner: string): Promise<void> =>
  rm(runnerFolder(home, runner), { recursive: true, force: true })

const readPairing = async (home: string, name: string): Promise<Pairing | null> => {
  const text = await readFile(fileOf(home, name), 'utf8').catch(() => null)
  if (text === null) return null
  const read: unknown = JSON.parse(text)
  refuseNewer(fileOf(home, name), read, 1)
  const pairing = Pairing.safeParse(read)
  if (!pairing.success)
    throw new Error(
      `${fileOf(home, name)} cannot be read: ${z.prettifyError(pairing.error)}. Unpair with \`vpd unpair --server URL\` or remove the folder.`,
    )
  return pairing.data
}
