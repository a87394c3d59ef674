/**
 * Does the change pass the repository's checks?
 * Run by vpd in a clean clone made from its cache: what an agent says about tests counts nothing.
 */
import path from 'node:path'
import type { CheckOutcome, StepResult } from '@viewportai/core/run/facts'
import type { ChecksJob } from '@viewportai/core/wire/job'
import type { z } from 'zod'
import { gathering } from '@viewportai/core/wire/gather'
import { bringChange } from '../git/approved-change.ts'
import { gitText } from '../git/run-git.ts'
import { cloneForStep, objectsBehind } from '../git/step-clone.ts'
import { cappedOutput, outputCap } from '../process/capped-output.ts'
import { lineSplitter } from '../process/lines.ts'
import { runProgram, signalOf } from '../process/start-program.ts'
import { toolEnvironment } from '../credentials/tool-secrets.ts'
import { planWall } from '../walls/choose.ts'
import type { Wall } from '../walls/wall.ts'
import { checkCommands } from './check-commands.ts'
import { acceptedSoFar, failed, notStopped } from './failure.ts'
import { mainRepo, pinRepos, type PinnedRepo } from './job-repos.ts'
import type { Port, Setup } from './port.ts'
import type { StepFolder } from './step-folder.ts'
import { testCounter } from './test-counts.ts'

type Outcome = z.infer<typeof CheckOutcome>
type Ground = {
  readonly port: Port
  readonly folder: StepFolder
  readonly main: PinnedRepo
  readonly wall: Wall
  /** Variables with secrets of tools. */
  readonly secrets: Readonly<Record<string, string>>
  readonly deadline: number
  readonly seconds: number
}

/** Runs the commands of the job, or those the repository declares at its base, until one fails; the result. Throws WorkFailed. */
export const doChecks = async (port: Port, setup: Setup, job: ChecksJob, folder: StepFolder): Promise<StepResult> => {
  const plan = await planWall(setup, 'checks', job.hosts ? { only: job.hosts } : {})
  await port.report({ type: 'started', agent: null, isolation: plan.isolation, resumed: false })
  const accepted = acceptedSoFar(port)
  accepted.catch(() => {}) // looked at below, before anything runs
  const main = mainRepo(await pinRepos(port, setup, job.repos))
  const base = job.change?.base ?? main.commit
  const commit = job.change ? await bringChange(main.cache, job.change, port.evidence, folder.scratch) : base
  const tree = await gitText(['rev-parse', '--verify', `${commit}^{tree}`], { gitDir: main.cache.dir })
  const { commands, from } = job.commands
    ? { commands: job.commands, from: 'the workflow' }
    : await checkCommands(main.cache.dir, base)
  if (commands.length === 0)
    return { kind: 'checks', found: false, passed: false, round: job.round, tree, commands: [], baseline: null }
  port.log.own(`checks from ${from}: ${commands.join(' · ')}`)
  await accepted
  notStopped(port)
  const secrets = job.tainted
    ? {}
    : await toolEnvironment(setup.tools, { agent: null, urls: job.repos.map(({ url }) => url) })
  const wall = await plan.open({ doors: [], borrows: [path.join(main.cache.dir, 'objects')], port })
  const ground: Ground = {
    port,
    folder,
    main,
    wall,
    secrets,
    deadline: performance.now() + job.limits.seconds * 1_000,
    seconds: job.limits.seconds,
  }
  try {
    const baseline = job.baseline && commit !== base ? await runAll(ground, base, commands, 'base') : null
    const outcomes = await runAll(ground, commit, commands, 'change')
    return {
      kind: 'checks',
      found: true,
      passed: outcomes.length === commands.length && outcomes.every((one) => one.exit === 0),
      round: job.round,
      tree,
      commands: outcomes,
      baseline,
    }
  } finally {
    await wall.close()
  }
}

/** One clean clone; the commands one after the other, up to the first that fails. */
const runAll = async (
  ground: Ground,
  commit: string,
  commands: readonly string[],
  name: string,
): Promise<Outcome[]> => {
  const { folder, main, port } = ground
  const dir = path.join(
    folder.dir,
    name,
    (main.repo.name.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9_-]/g, '-') || 'repo',
  )
  await cloneForStep(
    main.cache,
    dir,
    commit,
    `refs/heads/vp/${name}`,
    null,
    null,
    objectsBehind(ground.wall.isolation.level),
  )
  const outcomes: Outcome[] = []
  for (const command of commands) {
    port.now(`${name === 'base' ? 'checks on the base' : 'checks'}: ${command}`)
    port.log.own(`[${name}] $ ${command}`)
    const outcome = await runOne(ground, dir, command)
    port.log.own(`[${name}] exit ${outcome.exit ?? 'by signal'} after ${outcome.millis} ms`)
    outcomes.push(outcome)
    if (outcome.exit !== 0) break
  }
  return outcomes
}

const runOne = async (
  { port, folder, wall, secrets, deadline, seconds }: Ground,
  cwd: string,
  command: string,
): Promise<Outcome> => {
  const kept = gathering(outputCap + 1_000) // with vpd's own words on what was left out
  const tests = testCounter()
  const lines = lineSplitter(({ text }) => tests.line(text), 10_000)
  const output = cappedOutput((bytes) => {
    kept.take(typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
    port.log.write(bytes)
  })
  const left = (deadline - performance.now()) / 1_000
  if (left <= 0) throw tooLong(command, seconds)
  const ended = await runProgram({
    argv: ['/bin/sh', '-c', command],
    cwd,
    env: folder.env(secrets),
    input: null,
    wall,
    folder: folder.dir,
    seconds: left,
    signal: port.signal,
    onOutput: (bytes) => {
      output.write(bytes)
      lines.write(bytes)
    },
  })
  output.end()
  lines.end()
  if (ended.why === 'time') throw tooLong(command, seconds)
  if (ended.why === 'stopped')
    throw failed(
      'cancelled',
      'cancelled',
      `The check ${command} was stopped.`,
      'Start a new run if it is still wanted.',
      { started: true },
    )
  const log = await port.evidence.put(port.lease.run, 'output', 'text/plain', kept.whole())
  return {
    command,
    exit: signalOf(ended) === null ? ended.exit : null,
    millis: ended.millis,
    tests: tests.counts(),
    log,
  }
}

const tooLong = (command: string, seconds: number) =>
  failed(
    'budget',
    'time_limit',
    `The checks did not end within ${seconds} seconds; ${command} was stopped.`,
    'Look at its output. Give the workflow more time (budget: time), or fewer checks.',
    { started: true },
  )
