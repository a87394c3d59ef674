/**
 * The bench: `npm run bench`, or `npm run bench -- webhook decisions scale idle --waiting=10000,100000`.
 * Prints a table of figures beside their goals. Nothing here fails a check: machines differ and are noisy.
 */
import { cpus, release, totalmem } from 'node:os'
import { decisionFigures } from './decisions.ts'
import { idleFigures } from './idle.ts'
import { languageFigures } from './language.ts'
import { scaleFigures } from './scale.ts'
import { table, type Figure } from './figures.ts'
import { addWorkflow, makePlace, type Place } from './place.ts'
import { webhookFigures } from './webhook.ts'

const waiting = process.argv
  .find((a) => a.startsWith('--waiting='))
  ?.slice('--waiting='.length)
  .split(',')
  .map(Number) ?? [10_000]
/** Measures that need a control plane; `language` needs none. */
const measures: Record<string, (place: Place) => Promise<Figure[]>> = {
  idle: idleFigures,
  webhook: async (place) => {
    await addWorkflow(place)
    return webhookFigures(place)
  },
  decisions: decisionFigures,
  scale: (place) => scaleFigures(place, waiting),
}
const asked = process.argv.slice(2).filter((a) => !a.startsWith('--'))
const unknown = asked.filter((name) => name !== 'language' && !(name in measures))
if (unknown.length > 0) {
  console.error(
    `There is no measure ${unknown.join(', ')}. Known: ${['language', ...Object.keys(measures)].join(', ')}.`,
  )
  process.exit(2)
}

console.log(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}, ${Math.round(totalmem() / 2 ** 30)} GB, kernel ${release()}`,
)
const figures: Figure[] = []
if (asked.length === 0 || asked.includes('language')) figures.push(...(await languageFigures()))
for (const [name, measure] of Object.entries(measures)) {
  if (asked.length > 0 && !asked.includes(name)) continue
  console.log(`measuring ${name} …`)
  const place = await makePlace() // a fresh one each, so that no measure pays for another
  try {
    figures.push(...(await measure(place)))
  } finally {
    await place.close()
  }
}
console.log(`\n${table(figures)}`)
