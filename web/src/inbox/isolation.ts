/** How is a step held? In words, the level first. */
import type { Isolation } from '@viewportai/core/run/facts'
import type { z } from 'zod'

type Held = z.infer<typeof Isolation>

const levels: Readonly<Record<Held['level'], string>> = {
  none: 'No isolation',
  user: 'Separate user',
  sandbox: 'Sandbox',
  container: 'Container',
}
const networks: Readonly<Record<Held['network'], string>> = {
  open: 'open network',
  listed: 'listed hosts only',
  none: 'no network',
}

/** `level` as a badge says it, `short` as it stands behind the word isolation. */
export const isolationWords = (held: Held): { level: string; short: string; network: string; processes: string } => ({
  level: levels[held.level],
  short: held.level === 'none' ? 'none' : levels[held.level].toLowerCase(),
  network: networks[held.network],
  processes: held.processes === 'pid-namespace' ? 'own namespace' : 'swept afterwards',
})
