/**
 * How does `viewport try` go, from the first look to the branch?
 * It looks, says what it would do and asks; only then it starts control plane and runner, and carries the task through its gates. In the repository
 * nothing changes until a person has approved the change.
 */
import path from 'node:path'
import { keepWorkflow, ownEntry, ownTeam, type Kept } from '@viewportai/core/try/furnish'
import { installsShut } from '@viewportai/core/try/installs'
import { leavesWords } from '@viewportai/core/try/words'
import { keptSource, tryName, workflowName, workflowSource } from '@viewportai/core/try/workflow-source'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import type { Api } from '../cli/connect.ts'
import { Stop } from '../cli/exit.ts'
import { inLine, type Terminal } from '../cli/terminal.ts'
import type { Part } from '../ending.ts'
import type { KeptRunning } from '../up/child-program.ts'
import { commandName, dataFolderFor, runnerCommandName } from '../up/data-folder.ts'
import { listenForStop, stopAll } from '../up/stopping.ts'
import { openAnswers, type Answers } from './answers.ts'
import { askToGoOn } from './ask-to-go-on.ts'
import { chooseAgent } from './choose-agent.ts'
import { decideHere } from './decide-here.ts'
import { followTry } from './follow.ts'
import { showIntent, type Intent } from './intent.ts'
import { allowHosts, lookWithRunner } from './look.ts'
import { ownPlane, runningPlane } from './open-plane.ts'
import { ownRepository } from './repository.ts'
import { resultOf, showResult } from './result.ts'
import { ownRunner } from './runner.ts'
import { startRunner } from './start-runner.ts'

export type TryOptions = {
  readonly base?: string | undefined
  readonly agent?: string | undefined
  readonly checks: readonly string[]
  readonly budgetUsd: number
  readonly decideHere: boolean
  readonly data?: string | undefined
  readonly port?: number | undefined
  readonly runnerHome?: string | undefined
}

const runnerPatience = 4_000

/** Runs it to its end. Gives the exit code; throws a `Stop` when it cannot begin. */
export const tryOut = async (
  folder: string,
  task: string,
  options: TryOptions,
  terminal: Terminal,
  env: NodeJS.ProcessEnv = process.env,
): Promise<number> => {
  const repository = ownRepository(folder, options.base)
  const dataFolder = dataFolderFor(options.data, env['VIEWPORT_DATA_DIR'] || null)
  const running = await runningPlane(dataFolder)
  const program = ownRunner(options.runnerHome, env)
  const looked = await lookWithRunner(program, repository.gitDir, repository.commit)
  const agent = chooseAgent(looked, options.agent)
  const { checks, budgetUsd } = options
  const intent: Intent = {
    repository,
    task,
    agent,
    looked,
    checks,
    budgetUsd,
    dataFolder,
    runnerHome: program.vpdHome,
    past: running && (await running.api.pastCost({ query: { agent: agent.name } })),
  }
  showIntent(terminal, intent)
  const shut = installsShut(intent)
  const answers = openAnswers()
  let runner: KeptRunning | null = null
  let lost: string | null = null
  const { signal, release } = listenForStop(() => runner?.kill())
  const parts: Part[] = []
  try {
    const noWall = looked.isolation.level === 'none' && agent.name !== 'sample'
    const allowed = await askToGoOn({ terminal, answers, signal, noWall, shut, vpdHome: program.vpdHome })
    if (allowed.length > 0) {
      await allowHosts(program, allowed)
      const now = { ...intent, looked: await lookWithRunner(program, repository.gitDir, repository.commit) }
      terminal.line(`  Written into ${inLine(path.join(program.vpdHome, 'policy.yaml'))}.`)
      terminal.line(`  Leaves  ${inLine(leavesWords(now))}`)
    }
    const tell = (words: string): void => terminal.note(terminal.paint('dim', `  ${words}`))
    const lose = (words: string): void => {
      lost = words
      process.kill(process.pid, 'SIGTERM') // the same orderly end as any other
    }
    const { port } = options
    const plane = running ?? (await ownPlane({ port, dataFolder, terminal, env, tell, lost: lose }, parts))
    const { api } = plane
    signal.throwIfAborted()
    const name = await ownEntry(api, repository)
    const team = await ownTeam(api)
    const online = await startRunner(
      { api, program, name, noWall, newPolicy: allowed.length > 0, dataFolder, signal, tell },
      (kept) => {
        runner = kept
        parts.push({ name: 'the runner', end: () => kept.stop(runnerPatience) })
      },
    )
    const workflow = tryName(name)
    const source = workflowSource({
      name: workflow,
      team,
      repository: name,
      branch: repository.branch,
      agent: agent.name,
      pool: online.pool,
      checks,
      mayRun: checks.length > 0 ? checks : looked.checks.commands,
      budgetUsd,
      description: `A task by hand on ${name}.`,
    })
    await keepReady(api, source, 'From viewport try')
    const title = task.split('\n')[0]!.trim().slice(0, 300)
    const started = await api.startRun({ body: { workflow, title, text: task } })
    terminal.line()
    terminal.line(`Run ${started.number} has started: ${plane.url}/runs/${started.number}`)
    const view = await followTry({
      api,
      terminal,
      run: started.run,
      signal,
      async onGate(gate, closed) {
        const { address, about } = await plane.addressOf(`/inbox/${gate}`)
        terminal.line()
        terminal.line(`It waits for you. Open ${terminal.paint('bold', address)}${about}`)
        if (!options.decideHere) return
        try {
          if (await decideHere(api, terminal, answers, gate, AbortSignal.any([closed, signal]))) return
        } catch (error) {
          if (!(error instanceof Stop)) throw error
          terminal.note(`${error.message}${error.next ? ` ${error.next}` : ''}`) // its bytes cannot be had now, or differ
        }
        terminal.note('It waits for a decision at that address.')
      },
    })
    const result = resultOf(view, repository)
    terminal.give(result, () => showResult(terminal, view, result, repository))
    if (view.outcome !== 'succeeded' || result.branch === null) return 1
    await offerWorkflow(api, terminal, answers, { source, repository: name }, signal)
    return 0
  } catch (error) {
    if (!signal.aborted) throw error
  } finally {
    answers.close()
    await stopAll(parts, (words) => terminal.note(words))
    release()
  }
  if (lost !== null) throw new Error(lost)
  if (parts.length > 0)
    terminal.note(
      `A run that had begun is kept: \`${commandName()} up\` and \`${runnerCommandName()} worker start\` go on with it.`,
    )
  return 130
}

/** Saves and enables it. Throws a `Stop` when something that it names is missing. */
const keepReady = async (api: Api, source: string, note: string): Promise<Kept> => {
  const kept = await keepWorkflow(api, source, note)
  if (kept.ready) return kept
  throw new Stop(
    'refused',
    `The workflow cannot run here:${kept.missing.map(({ kind, name, why }) => `\n  ${kind} ${inLine(name)}: ${inLine(why)}`).join('')}`,
  )
}

/** Ends with the offer to keep what was tried as a workflow of the workspace. The repository gets no file of it. */
const offerWorkflow = async (
  api: Api,
  terminal: Terminal,
  answers: Answers,
  tried: { readonly source: string; readonly repository: string },
  signal: AbortSignal,
): Promise<void> => {
  terminal.note('\nMake this a workflow? Type a name for it, like fix-bug; Enter alone leaves it.')
  const name = await freeName(api, terminal, answers, signal)
  if (name === '') return
  const source = keptSource(tried.source, name, tried.repository)
  const compiled = compileWorkflow(source, `${name}.workflow.yaml`)
  if (!compiled.ok)
    throw new Error(`The workflow ${name} does not compile: ${compiled.errors.map((one) => one.message).join('; ')}`)
  const saved = await keepReady(api, source, 'Made from a try')
  terminal.line()
  for (const line of source.trimEnd().split('\n')) terminal.line(`  ${inLine(line)}`)
  for (const { title, lines } of compiled.summary) {
    terminal.line()
    terminal.line(terminal.paint('bold', title))
    for (const { text } of lines) terminal.line(`  ${inLine(text)}`)
  }
  terminal.line()
  terminal.line(`${saved.name} v${saved.version} is saved in the workspace and enabled.`)
  terminal.line(
    `Start it: \`${commandName()} up\` and \`${runnerCommandName()} worker start\`, then \`${commandName()} run ${saved.name} --text "…"\`. Its file: \`${commandName()} workflows show ${saved.name}\``,
  )
}

/** What the person types, as a name that no workflow has; empty: none. */
const freeName = async (api: Api, terminal: Terminal, answers: Answers, signal: AbortSignal): Promise<string> => {
  const { workflows } = await api.workflows()
  for (;;) {
    const name = workflowName((await answers.next(signal)) ?? '')
    if (!workflows.some((one) => one.name === name)) return name
    terminal.note(`There is a workflow ${name} already; another name, or Enter alone.`)
  }
}
