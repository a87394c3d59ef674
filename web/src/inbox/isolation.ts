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

export const isolationWords = (held: Held): { level: string; network: string; processes: string } => ({
  level: levels[held.level],
  network: networks[held.network],
  processes: held.processes === 'pid-namespace' ? 'own namespace' : 'swept afterwards',
})
