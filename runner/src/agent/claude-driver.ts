/**
 * How does vpd work with Claude Code?
 * The user's own `claude`, driven over its control protocol. Every call of a tool, of sub-agents too, is put to vpd before it runs. A call that a
 * person must decide interrupts the turn and parks the session; the plan that is handed in is the result of a plan step.
 */
import { realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { lendLogin, mayLend } from '../model/lend-login.ts'
import { lineSplitter } from '../process/lines.ts'
import { startProgram, type Running } from '../process/start-program.ts'
import { filesOfProgram } from '../walls/program-files.ts'
import { failed } from '../work/failure.ts'
import { answersText, decideWith } from './asks.ts'
import { failureIn, usageOf } from './claude-end.ts'
import { initialize, userMessage } from './claude-messages.ts'
import {
  claudeArguments,
  claudeEnvironment,
  claudeSettings,
  findClaude,
  isTestedClaude,
  newSessionId,
  testedClaude,
  withoutMentions,
} from './claude-program.ts'
import { configOf, keepSessionOnly, lastSession, loginOf, makeConfig, plansOf, writeNote } from './claude-session.ts'
import { talk } from './claude-talk.ts'
import type { AgentEnd, AgentTask, Driver } from './driver.ts'
import { unknownUsage } from './driver.ts'
import { checkEnd } from './ended.ts'
import { programVersion } from './program-version.ts'

const modes = ['plan', 'read', 'edit', 'review'] as const
/** After its result, or an interrupt, it has this long to write its session and end. */
const patienceMillis = 5_000

export const claudeDriver: Driver = {
  name: 'claude',
  abilities: {
    readOnly: 'vpd',
    pushes: 'vpd',
    commands: 'agent',
    asks: 'agent',
    resumes: 'agent',
    usage: 'vpd',
    timeLimit: 'vpd',
    network: 'none',
    files: 'agent',
  },
  modes,
  speaks: ['anthropic'],
  takesModel: true,
  settings: ['.claude/settings.json', '.mcp.json'],
  detect: async () => {
    const file = findClaude()
    const version = file === null ? null : await programVersion(file)
    const tested = isTestedClaude(version)
    return {
      name: 'claude',
      version,
      path: file?.slice(0, 500) ?? null,
      usable: file !== null && version !== null,
      tested,
      modes: [...modes],
      note:
        file === null
          ? 'Claude Code is not on this machine'
          : version === null
            ? 'it does not tell its version, so it cannot be started'
            : tested
              ? null
              : `not tested with this version of vpd, which knows ${testedClaude.to}`,
    }
  },
  run: (task) => run(task),
}

const run = async (task: AgentTask): Promise<AgentEnd> => {
  const found = findClaude(task.env['PATH'])
  if (found === null)
    throw failed(
      'agent',
      'agent_not_here',
      'Claude Code is not on this runner.',
      'Install it there, or choose another agent.',
      {
        retrySafe: true,
      },
    )
  if (task.model.way === 'login') mayLend('Claude Code', 'anthropic', task.wall)
  if (task.model.way !== 'login' && !(task.model.way === 'gateway' && task.model.providers.includes('anthropic')))
    throw failed(
      'agent',
      'no_model',
      `Claude Code has no key for its model on this runner${task.model.way === 'none' ? ` (${task.model.why})` : ''}.`,
      'Set one: `vpd credentials set model anthropic`.',
      { retrySafe: true },
    )
  // A wall shows the file itself; the link that leads to it may lie in a folder that it does not show.
  const program = realpathSync(found)
  await makeConfig(task.state)
  const before = task.resumed ? await lastSession(task.state) : null
  const session = before?.session ?? newSessionId()
  await writeNote(task.state, { session, asked: null })
  const text = withoutMentions(promptFor(task, before), await programVersion(program))

  let running: Running | null = null
  const talking = talk({
    task: { ...task, decide: decideWith(task) },
    plans: plansOf(task.state),
    send: (message) => running?.write(`${JSON.stringify(message)}\n`),
    over: () => {
      running?.closeInput()
      last ??= setTimeout(() => running?.stop(), patienceMillis)
    },
  })
  let last: NodeJS.Timeout | null = null
  const lines = lineSplitter(({ text: line, cut }) => (cut ? talking.tooLong() : talking.take(line)), 32_000_000)
  const stopping = new AbortController()
  const interrupt = (): void => {
    talking.interrupt()
    setTimeout(() => stopping.abort(), 500).unref() // it notes in its session that it was interrupted
  }
  const login = task.model.way === 'login' ? await lendLogin(task.model.paths[0]!, loginOf(task.state)) : null
  running = await startProgram({
    argv: [
      program,
      ...claudeArguments(
        task,
        before ? { file: before.file } : { id: session },
        task.settings && claudeSettings(task.settings),
      ),
    ],
    cwd: task.cwd,
    env: claudeEnvironment(task, configOf(task.state)),
    input: 'open',
    wall: task.wall,
    folder: task.folder,
    reads: filesOfProgram(program, [homedir()]),
    seconds: task.seconds,
    signal: stopping.signal,
    onOutput: (bytes, from) => (from === 'out' ? lines.write(bytes) : talking.complaint(bytes)),
  }).catch(async (error: unknown) => {
    await login?.takeBack()
    throw error
  })
  running.write(`${JSON.stringify(initialize)}\n${JSON.stringify(userMessage(text))}\n`)
  if (task.signal.aborted) interrupt()
  task.signal.addEventListener('abort', interrupt, { once: true })
  const ended = await running.ended
  await login?.takeBack()
  if (last) clearTimeout(last)
  task.signal.removeEventListener('abort', interrupt)
  lines.end()

  const { result, ask, plan, fault, status } = talking.ended()
  const usage = result ? usageOf(result) : unknownUsage
  if (usage.inputTokens !== null)
    task.on({
      event: 'message',
      text: `[its own count: ${usage.inputTokens} tokens in, ${usage.cachedTokens} from the cache, ${usage.outputTokens} out]`,
    })
  if (task.signal.aborted) checkEnd('Claude Code', { ...ended, why: 'stopped' }, task.seconds)
  if (ended.why === 'time') checkEnd('Claude Code', ended, task.seconds)
  if (fault) throw fault
  if (ask) {
    await writeNote(task.state, { session, asked: { ask: ask.ask, text: ask.argv?.at(-1) ?? ask.reason } })
    await keepSessionOnly(task.state)
    return { end: 'parked', ask, usage }
  }
  if (!result && plan === null) {
    checkEnd('Claude Code', ended, task.seconds)
    throw failed('agent', 'agent_failed', 'Claude Code ended without a result.', 'The end of its log says why.', {
      started: true,
    })
  }
  const failure = plan === null && result ? failureIn(result, status) : null
  if (failure) throw failure
  await keepSessionOnly(task.state)
  return { end: 'finished', text: plan ?? result?.result ?? '', usage }
}

/** A session that was parked is told the answers; any other gets the whole prompt, with answers to what a lost session asked. */
const promptFor = (task: AgentTask, before: Awaited<ReturnType<typeof lastSession>>): string => {
  const answers = answersText(task.answers, before?.asked ?? null)
  if (answers === '') return task.prompt
  return before ? answers : `${task.prompt}\n## What people answered before\n\n${answers}\n`
}
