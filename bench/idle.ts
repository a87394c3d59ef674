/** What does a control plane cost that does nothing? As people install it (the bundle of the package), and as a clone starts it (its sources). */
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { against, megabytes, type Figure } from './figures.ts'
import { pss, treeOf } from './memory.ts'
import { makePlace, type Place } from './place.ts'
import { pause } from './until.ts'
import type { Size } from './size.ts'

/** Memory (proportional set size) after some quiet seconds. */
export const idleFigures = async ({ idle: { seconds, installed } }: Size): Promise<Figure[]> => [
  ...(installed ? [await idle('idle control plane with its database (PSS), installed', seconds, bundled())] : []),
  await idle('the same from the sources of a clone', seconds),
]

const bundled = (): URL => {
  const setup = fileURLToPath(new URL('../setup.mjs', import.meta.url))
  const { status } = spawnSync(process.execPath, [setup, 'bundle', 'server'], { stdio: 'inherit' })
  if (status !== 0) throw new Error('The control plane could not be bundled.')
  return new URL('../server/dist/cli.js', import.meta.url)
}

const idle = async (what: string, seconds: number, program?: URL): Promise<Figure> => {
  const place: Place = await makePlace(undefined, program)
  try {
    await pause(seconds * 1_000)
    const own = pss(treeOf(place.child.pid!))
    const database = pss(treeOf(place.postgres.pid))
    return against(what, own + database, 200 * 1_048_576, megabytes, {
      note: `program ${megabytes(own)}, PostgreSQL ${megabytes(database)}`,
    })
  } finally {
    await place.close()
  }
}
