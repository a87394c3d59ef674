// Tries the product with random faults: `npm run faults -- --minutes 120`, `-- --runs 200`, `-- --seed 17` for one seed again.
import { randomInt } from 'node:crypto'
import { parseArgs } from 'node:util'

import type { Way } from './plan.ts'
import { agentsAreHere } from '../../testing/real-agents.ts'
import { tryFaults } from './try-faults.ts'

const { values } = parseArgs({
  options: {
    minutes: { type: 'string' },
    runs: { type: 'string' },
    seed: { type: 'string', multiple: true },
    from: { type: 'string' },
    'at-once': { type: 'string', default: '16' },
    way: { type: 'string' },
    real: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
})
const first = Number(values.from ?? randomInt(1, 1_000_000) * 1_000)
const seeds = values.seed?.map(Number)
const until = values.minutes ? performance.now() + Number(values.minutes) * 60_000 : null
const most = seeds?.length ?? (until === null ? Number(values.runs ?? 200) : Infinity)
const { way } = values
if (way !== undefined && way !== 'polling' && way !== 'relay') {
  console.error(`--way is polling or relay, not ${way}.`)
  process.exit(2)
}
const told = await tryFaults({
  way: way satisfies Way | undefined,
  real: Number(values.real ?? (agentsAreHere ? 10 : 0)),
  next: (n) => (n >= most || (until !== null && performance.now() > until) ? null : (seeds?.[n] ?? first + n)),
  atOnce: Number(values['at-once']),
  keep: values.keep,
  say: (line) => console.log(line),
})
console.log(told.summary)
process.exit(told.broke.length === 0 ? 0 : 1) // whatever hangs was hung on purpose
