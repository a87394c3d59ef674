/** Which answers may have changed when a note says "look now"? The first words of query keys, by topic. Never fewer than may have changed. */
import type { StreamNote } from '@viewportai/core/api/stream'

export const touched: Readonly<Record<StreamNote['topic'], readonly string[]>> = {
  run: ['run', 'timeline', 'board', 'runs', 'status', 'change', 'deliveries', 'inbox', 'gate', 'workflows', 'effects'],
  gate: ['gate', 'inbox', 'board', 'run', 'timeline', 'status'],
  runner: ['runners', 'status', 'workflows', 'workflow', 'run', 'gate'],
  workflow: ['workflows', 'workflow', 'status', 'repositories'],
  delivery: ['deliveries', 'delivery', 'delivery-kinds', 'sources', 'connections'],
  pairing: ['runners', 'pairing', 'status'],
  look: ['look'],
  connection: ['connections', 'workflows', 'workflow'],
}
