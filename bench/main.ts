/**
 * The bench: `npm run bench`, or `npm run bench -- webhook decisions --rounds=1 --waiting=1000`; `--install` measures the install too.
 * Prints the machine, then a table of figures beside their goals. Nothing here fails a check: machines differ and are noisy.
 */
import { ownPackage } from '@viewportai/viewport/src/embedded/binaries.ts'
import { agentFigures } from './agent.ts'
import { backtestFigures } from './backtest.ts'
import { decisionFigures } from './decisions.ts'
import { gatewayFigures } from './gateway.ts'
import { idleFigures } from './idle.ts'
import { installFigures } from './install.ts'
import { languageFigures } from './language.ts'
import { transportFigures } from './transport.ts'
import { realAgentFigures } from './real-agents.ts'
import { runnerFigures } from './runners.ts'
import { scaleFigures } from './scale.ts'
import { startFigures } from './start.ts'
import { table, type Figure } from './figures.ts'
import { machine, watchOthers } from './machine.ts'
import { addWorkflow, makePlace, type Place } from './place.ts'
import { wallFigures } from './walls.ts'
import { toolFigures } from './tools.ts'
import { webhookFigures } from './webhook.ts'

const words = process.argv.slice(2)
const numbers = (name: string, usual: number[]): number[] =>
  words
    .find((word) => word.startsWith(`--${name}=`))
    ?.split('=')[1]!
    .split(',')
    .map(Number) ?? usual
const [rounds = 3] = numbers('rounds', [3])
const [many = 1_000] = numbers('runners', [1_000])
const [seconds = 60] = numbers('seconds', [60])
const waiting = numbers('waiting', [10_000, 100_000])

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
  language: languageFigures,
  webhook: () =>
    inPlace(async (place) => {
      await addWorkflow(place)
      return webhookFigures(place, rounds)
    }),
  tools: () => inPlace((place) => toolFigures(place, rounds)),
  backtest: () => inPlace((place) => backtestFigures(place, rounds)),
  decisions: () => inPlace((place) => decisionFigures(place, rounds)),
  agent: () => inPlace((place) => agentFigures(place, rounds)),
  agents: () => realAgentFigures(rounds),
  gateway: () => gatewayFigures(rounds),
  walls: wallFigures,
  start: () => startFigures(rounds),
  install: () => installFigures(1, words.includes('--install')),
  idle: idleFigures,
  runners: () => inPlace((place) => runnerFigures(place, many, seconds, 'polling')),
  relays: () => inPlace((place) => runnerFigures(place, many, seconds, 'relay')),
  transport: transportFigures,
  scale: () => inPlace((place) => scaleFigures(place, rounds, waiting)),
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
