/**
 * The bench: `npm run bench`, or `npm run bench -- webhook decisions --rounds=1 --waiting=1000`; `--install` measures the install too.
 * `--smallest`: each measure does next to nothing, to see that it works. Prints the machine, then a table of figures beside their goals. Nothing here fails a check: machines differ and are noisy.
 */
import { ownPackage } from '@viewportai/viewport/src/embedded/binaries.ts'
import { agentFigures } from './agent.ts'
import { backtestFigures } from './backtest.ts'
import { bodyFigures } from './bodies.ts'
import { decisionFigures } from './decisions.ts'
import { gatewayFigures } from './gateway.ts'
import { idleFigures } from './idle.ts'
import { installFigures } from './install.ts'
import { languageFigures } from './language.ts'
import { transportFigures } from './transport.ts'
import { realAgentFigures } from './real-agents.ts'
import { runnerFigures } from './runners.ts'
import { scaleFigures } from './scale.ts'
import { smallest, usual, type Size } from './size.ts'
import { startFigures } from './start.ts'
import { table, type Figure } from './figures.ts'
import { machine, watchOthers } from './machine.ts'
import { addWorkflow, makePlace, type Place } from './place.ts'
import { wallFigures } from './walls.ts'
import { toolFigures } from './tools.ts'
import { webhookFigures } from './webhook.ts'

const words = process.argv.slice(2)
const numbers = (name: string): number[] | undefined =>
  words
    .find((word) => word.startsWith(`--${name}=`))
    ?.split('=')[1]!
    .split(',')
    .map(Number)
const base = words.includes('--smallest') ? smallest : usual
const size: Size = {
  ...base,
  rounds: numbers('rounds')?.[0] ?? base.rounds,
  runners: {
    ...base.runners,
    many: numbers('runners')?.[0] ?? base.runners.many,
    seconds: numbers('seconds')?.[0] ?? base.runners.seconds,
  },
  scale: { ...base.scale, steps: numbers('waiting') ?? base.scale.steps },
}

/** A fresh control plane each, so that no measure pays for another. */
const inPlace = async (measure: (place: Place) => Promise<Figure[]>): Promise<Figure[]> => {
  const place = await makePlace()
  try {
    return await measure(place)
  } finally {
    await place.close()
  }
}
const measures: Record<string, () => Promise<Figure[]> | Figure[]> = {
  language: () => languageFigures(size),
  webhook: () =>
    inPlace(async (place) => {
      await addWorkflow(place)
      return webhookFigures(place, size)
    }),
  tools: () => inPlace((place) => toolFigures(place, size)),
  bodies: () => inPlace((place) => bodyFigures(place, size)),
  backtest: () => inPlace((place) => backtestFigures(place, size)),
  decisions: () => inPlace((place) => decisionFigures(place, size)),
  agent: () => inPlace((place) => agentFigures(place, size)),
  agents: () => realAgentFigures(size.rounds),
  gateway: () => gatewayFigures(size),
  walls: () => wallFigures(size),
  start: () => startFigures(size),
  install: () => installFigures(1, words.includes('--install')),
  idle: () => idleFigures(size),
  runners: () => inPlace((place) => runnerFigures(place, size, 'polling')),
  relays: () => inPlace((place) => runnerFigures(place, size, 'relay')),
  transport: () => transportFigures(size),
  scale: () => inPlace((place) => scaleFigures(place, size)),
}
const asked = words.filter((word) => !word.startsWith('--'))
const unknown = asked.filter((name) => !Object.hasOwn(measures, name))
if (unknown.length > 0) {
  console.error(`There is no measure ${unknown.join(', ')}. Known: ${Object.keys(measures).join(', ')}.`)
  process.exit(2)
}

console.log(
  `${new Date().toISOString().slice(0, 10)}: ${machine()}, PostgreSQL ${ownPackage().version.replace(/-.*/, '')}`,
)
const figures: Figure[] = []
for (const [name, measure] of Object.entries(measures)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  const began = performance.now()
  const watched = watchOthers()
  figures.push(...(await measure()))
  const { others, load } = watched()
  console.log(
    `measured ${name} in ${Math.round((performance.now() - began) / 1_000)} s; load ${load}${others === null ? '' : `; other programs used ${(100 * others).toFixed(1)} % of the processors`}`,
  )
}
console.log(`\n${table(figures)}`)
