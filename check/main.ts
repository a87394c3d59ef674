// Is everything as it should be? Every stage runs, red or not; the last line says how many passed and failed.
// Words after `npm test --` choose stages by name.
import { constants } from 'node:os'
import { join } from 'node:path'

import { agents } from './agents.ts'
import { architecture } from './architecture-stage.ts'
import { browser } from './browser.ts'
import { endCommands } from './command.ts'
import { described } from './described.ts'
import { dumps } from './dumps.ts'
import { format } from './format.ts'
import { lint } from './lint.ts'
import { longestFiles, notPlainlyPassed, slowestFiles, slowestTests, stageTimes } from './lists.ts'
import { planOf, runPlan, stagesOf, type Plan } from './plan.ts'
import { ADDRESS, secondPostgres } from './second-postgres.ts'
import { red, type Ran, type Stage } from './stage.ts'
import { types } from './types.ts'
import { vitestStage } from './vitest-stage.ts'

const PLAN: Plan = [
  format,
  lint,
  types,
  architecture,
  vitestStage('check'),
  vitestStage('core'),
  onBuiltInPostgres({ ...vitestStage('server*', 'wait'), name: 'server' }),
  secondPostgres,
  vitestStage('runner', 'wait'),
  transports(),
  [described, vitestStage('bench', 'wait')],
  agents,
  vitestStage('web'),
  vitestStage('e2e', 'both'),
  browser,
  dumps,
  vitestStage('packages'),
]
const STAGES = stagesOf(PLAN)

const root = join(import.meta.dirname, '..')
const env: NodeJS.ProcessEnv = { ...process.env, ...(process.stdout.isTTY ? {} : { NO_COLOR: '1' }) }
const endings: (() => Promise<void>)[] = []
let stopped = false

// The stage that runs comes to its end without its programs, so that it can tidy up; a second signal does not wait.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopped) process.exit(128 + constants.signals[signal])
    stopped = true
    process.exitCode = 128 + constants.signals[signal]
    void endCommands()
  })
}

const began = performance.now()
const ran = await runPlan(choose(process.argv.slice(2)), runStage, () => stopped)
await tidy()
if (!stopped) report(ran)

function transports(): Stage {
  return { ...vitestStage('transports-*', 'wait'), name: 'transports' }
}

function onBuiltInPostgres(stage: Stage): Stage {
  return { ...stage, run: (context) => stage.run({ ...context, env: { ...context.env, [ADDRESS]: undefined } }) }
}

function choose(names: string[]): Plan {
  const unknown = names.filter((name) => !STAGES.some((stage) => stage.name === name))
  if (unknown.length > 0) {
    console.error(
      `There is no stage ${unknown.join(', ')}. The stages are: ${STAGES.map(({ name }) => name).join(', ')}`,
    )
    process.exit(2)
  }
  return names.length === 0 ? PLAN : planOf(PLAN, ({ name }) => names.includes(name))
}

/** What a stage beside others says is told in one piece, once it has ended. */
async function runStage(stage: Stage, alone: boolean): Promise<Ran> {
  const heading = `\n== ${stage.name} ${'='.repeat(Math.max(0, 60 - stage.name.length))}`
  console.log(alone ? heading : `\n.. ${stage.name} begins, beside others`)
  const since = performance.now()
  const found = await stage
    .run({ root, env, live: alone, atEnd: (action) => void endings.push(action) })
    .catch((fault: unknown) => red(`The stage itself broke: ${fault instanceof Error ? fault.stack : String(fault)}`))
  const milliseconds = performance.now() - since
  const counts = [
    `${found.passed} passed`,
    `${found.failed} failed`,
    ...(found.skipped.length > 0 ? [`${found.skipped.length} skipped`] : []),
    ...(found.words === '' ? [] : [found.words]),
  ]
  const lines = [
    ...(alone ? [] : [heading, found.said?.trim() ?? '']),
    found.complaint ?? '',
    notPlainlyPassed([found]),
    `${found.failed === 0 ? 'ok ' : 'RED'} ${stage.name}: ${counts.join(', ')}, ${(milliseconds / 1000).toFixed(1)} s`,
  ]
  console.log(lines.filter((line) => line !== '').join('\n'))
  return { stage, found, milliseconds }
}

/** Ends what stages have started, in the opposite order, once. */
async function tidy(): Promise<void> {
  for (let action = endings.pop(); action !== undefined; action = endings.pop()) await action()
}

function report(all: Ran[]): void {
  const outcomes = all.map(({ found }) => found)
  console.log(`\nWhat each stage took\n${stageTimes(all)}`)
  console.log(`\nThe slowest files of tests\n${slowestFiles(all)}`)
  console.log(`\nThe slowest tests\n${slowestTests(outcomes.flatMap(({ tests }) => tests ?? []))}`)
  console.log(`\nThe longest source files\n${longestFiles(root)}`)
  const notPlain = notPlainlyPassed(outcomes)
  if (notPlain !== '') console.log(`\nNot plainly passed\n${notPlain}`)
  const redStages = all.filter(({ found }) => found.failed > 0).map(({ stage }) => stage.name)
  if (redStages.length > 0) console.log(`\nRed: ${redStages.join(', ')}`)
  console.log(`\nTook ${((performance.now() - began) / 60_000).toFixed(1)} minutes.`)
  const sum = (key: 'passed' | 'failed') => outcomes.reduce((total, found) => total + found[key], 0)
  console.log(`\n${sum('passed')} passed, ${sum('failed')} failed`)
  process.exitCode = sum('failed') === 0 ? 0 : 1
}
