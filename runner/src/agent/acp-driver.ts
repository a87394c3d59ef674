/**
 * How does vpd work with any agent that speaks the Agent Client Protocol?
 * Started by the owner's words, set to the mode in which it asks, and prompted only then. Each ask is answered for once; a question for a person
 * ends the process, and a later session goes on with the agent's own or with a summary.
 */
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import path from 'node:path'
import type { Usage } from '@viewportai/core/run/facts'
import { findProgram } from '../process/find-program.ts'
import { startProgram, type Running } from '../process/start-program.ts'
import { filesOfProgram } from '../walls/program-files.ts'
import { failed, type WorkFailed } from '../work/failure.ts'
import { acpEnvironment, acpFiles, type AcpAgent } from './acp-config.ts'
import { acpOutcome, acpVerdict } from './acp-asks.ts'
import { hearAcp } from './acp-events.ts'
import { Initialized, PermissionAsk, PromptEnd, SessionReady } from './acp-messages.ts'
import { AcpKept, takeNotes, withSummary } from './acp-summary.ts'
import { answersText, decideWith } from './asks.ts'
import { unknownUsage, type AgentEnd, type AgentTask, type Ask, type Driver } from './driver.ts'
import { checkEnd } from './ended.ts'
import type { AgentEvent } from './event.ts'
import { readKept, writeKept } from './kept-state.ts'
import { modelFailure } from './model-failure.ts'
import { peer, PeerGone, PeerRefused, type Peer } from './peer.ts'
import { programVersion } from './program-version.ts'

/** The driver of one agent. `tested`: versions that the contract was played with; null where the owner configured it. */
export const acpDriver = (name: string, agent: AcpAgent, tested: RegExp | null): Driver => ({
  name,
  abilities: {
    readOnly: 'vpd',
    pushes: 'vpd',
    commands: 'agent',
    asks: 'agent',
    resumes: 'agent',
    usage: 'agent',
    timeLimit: 'vpd',
    network: 'none',
    files: 'none',
  },
  modes: agent.modes,
  speaks: agent.models,
  detect: async () => {
    const [program = ''] = agent.argv
    const found = findProgram(program)
    const version = found ? await versionOf(found) : null
    const isTested = version !== null && (tested?.test(version) ?? false)
    return {
      name,
      version,
      path: found?.slice(0, 500) ?? null,
      usable: found !== null,
      tested: isTested,
      modes: [...agent.modes],
      note:
        found === null
          ? `${program || 'its program'} is not on this machine`
          : isTested
            ? ''
            : 'not tried with this version of vpd',
    }
  },
  run: (task) => run(name, agent, task),
})

/** A script's package says it at once; a program is asked. */
const versionOf = async (found: string): Promise<string | null> => {
  const real = realpathSync(found)
  if (!isScript(real)) return programVersion(found)
  try {
    const { version } = JSON.parse(readFileSync(path.join(packageOf(real), 'package.json'), 'utf8')) as {
      version?: unknown
    }
    return typeof version === 'string' ? version.slice(0, 80) : null
  } catch {
    return null
  }
}

const isScript = (file: string): boolean => /\.[cm]?js$/.test(file)

const keptName = 'acp-session.json'

const run = async (name: string, agent: AcpAgent, task: AgentTask): Promise<AgentEnd> => {
  const [program = '', ...rest] = agent.argv
  const found = findProgram(program, task.env['PATH'])
  if (!found)
    throw failed(
      'agent',
      'agent_not_here',
      `The program of the agent ${name} (${program || 'none'}) is not on this runner.`,
      'Install it there, or choose another agent.',
      { retrySafe: true },
    )
  if (agent.models.length > 0 && task.model.way !== 'gateway')
    throw failed(
      'agent',
      task.model.way === 'login' ? 'login_not_supported' : 'no_model',
      task.model.way === 'login'
        ? `This version of vpd cannot lend ${name} its own login.`
        : `${name} has no key for its model on this runner (${task.model.why}).`,
      `Set a key: \`vpd credentials set model ${agent.models[0]}\`.`,
      { retrySafe: true },
    )
  const kept = task.resumed ? await readKept(task.state, keptName, AcpKept) : null
  const home = task.env['HOME'] ?? task.state
  for (const { file, text } of acpFiles(agent, home, task.model, task.state)) {
    await rm(file, { force: true })
    await mkdir(path.dirname(file), { recursive: true })
    await writeFile(file, text, { flag: 'wx', mode: 0o600 })
  }
  return converse(
    name,
    agent,
    { ...startOf(found, rest), env: acpEnvironment(agent, task.env, task.model, task.state) },
    task,
    kept,
  )
}

/** A script is started with the Node.js that vpd runs on, so that nothing has to be found inside a wall. */
const startOf = (found: string, rest: readonly string[]): { argv: string[]; reads: string[] } => {
  const real = realpathSync(found)
  return isScript(real)
    ? { argv: [process.execPath, real, ...rest], reads: filesOfProgram(real, [homedir()]) }
    : { argv: [real, ...rest], reads: [] }
}

const packageOf = (file: string): string => {
  for (let at = path.dirname(file); at !== path.dirname(at); at = path.dirname(at))
    if (existsSync(path.join(at, 'package.json'))) return at
  return path.dirname(file)
}

type Outcome =
  | { end: 'finished'; text: string | null; told: PromptEnd | null }
  | { end: 'parked'; ask: Ask; text: string }
  | { end: 'failed'; error: Error }

const converse = async (
  name: string,
  agent: AcpAgent,
  started: { argv: string[]; reads: string[]; env: Record<string, string> },
  task: AgentTask,
  kept: AcpKept | null,
): Promise<AgentEnd> => {
  const words = answersText(task.answers, kept?.asked ?? null)
  const decide = decideWith(task)
  const notes = takeNotes(kept?.summary ?? '')
  const on = (event: AgentEvent): void => {
    notes.note(event)
    task.on(event)
  }
  let session: string | null = null
  let asked: AcpKept['asked'] = null
  let listening = false // what an agent tells again of an old session is not news
  let running: Running | null = null
  const unsent: string[] = []
  let isOver = false
  let settle: (outcome: Outcome) => void = () => {}
  const outcome = new Promise<Outcome>((done) => {
    settle = (one) => {
      isOver = true
      done(one)
    }
  })
  const stop = new AbortController()
  const heard = hearAcp(
    () => (listening ? session : null),
    on,
    (id) => {
      if (agent.asking.includes(id) || isOver) return
      settle({ end: 'failed', error: doesNotAsk(name, `it went over to its mode ${id}`) })
    },
  )
  const permission = (params: unknown): Promise<unknown> | object => {
    const ask = PermissionAsk.parse(params)
    heard.flush()
    if (isOver || ask.sessionId !== session) return { outcome: { outcome: 'cancelled' } }
    const verdict = acpVerdict(agent, task, decide, heard.call(ask.toolCall))
    if (verdict.say === 'plan') {
      settle({ end: 'finished', text: verdict.text, told: null })
      return { outcome: { outcome: 'cancelled' } }
    }
    const { say: decision, what: command, why } = verdict
    task.on({ event: 'permission', command, decision, why })
    if (verdict.say !== 'ask') return acpOutcome(ask.options, verdict.say === 'allow')
    settle({ end: 'parked', ask: verdict.ask, text: typeof command === 'string' ? command : JSON.stringify(command) })
    return { outcome: { outcome: 'cancelled' } }
  }
  const talk: Peer = peer(
    {
      write: (text) => void (running ? running.write(text) : unsent.push(text)),
      request: async (method, params) => {
        if (method === 'session/request_permission') return permission(params)
        throw new PeerRefused(method, { code: -32_601, message: 'vpd does not do this: the agent has its own files' })
      },
      notification: (method, params) => void (method === 'session/update' && heard.take(params)),
      noise: (line) => task.on({ event: 'output', bytes: Buffer.from(`${line}\n`), from: 'out' }),
    },
    { version: true },
  )
  const program = await startProgram({
    ...started,
    cwd: task.cwd,
    input: 'open',
    wall: task.wall,
    folder: task.folder,
    seconds: task.seconds,
    signal: stop.signal,
    onOutput: (bytes, from) => (from === 'out' ? talk.read(bytes) : task.on({ event: 'output', bytes, from })),
  })
  running = program
  for (const text of unsent) program.write(text)
  const ended = program.ended.finally(() => talk.end())
  /** Asks for the end of the turn, and waits a little for it. */
  let answered: Promise<unknown> = Promise.resolve()
  const cancel = async (): Promise<void> => {
    if (session !== null) talk.tell('session/cancel', { sessionId: session })
    await atMost(2_000, Promise.race([answered, ended]))
  }
  const stopped = (): void => void cancel().finally(() => stop.abort('stopped'))
  if (task.signal.aborted) stopped()
  task.signal.addEventListener('abort', stopped, { once: true })

  const begin = async (): Promise<void> => {
    const { agentCapabilities } = Initialized.parse(
      await talk.ask('initialize', {
        protocolVersion: 1,
        clientInfo: { name: 'vpd', title: 'Viewport', version: '1' },
        clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
      }),
    )
    const place = { cwd: task.cwd, mcpServers: [] }
    const how =
      agent.resume !== 'session' || !kept?.session
        ? null
        : agentCapabilities?.sessionCapabilities?.resume
          ? 'session/resume'
          : agentCapabilities?.loadSession
            ? 'session/load'
            : null
    const again =
      how && kept?.session
        ? await talk.ask(how, { ...place, sessionId: kept.session }).then(
            (ready) => SessionReady.parse(ready ?? {}),
            (error: unknown) => {
              if (!(error instanceof PeerRefused)) throw error
              on({ event: 'message', text: `${name} could not open its session again: ${error.message}` })
              return null
            },
          )
        : null
    const ready = again ?? SessionReady.parse(await talk.ask('session/new', place))
    session = ready.sessionId ?? kept?.session ?? null
    if (session === null)
      throw failed('agent', 'agent_failed', `${name} opened no session.`, 'The end of its log says why.', {
        started: true,
      })
    await setAsking(name, agent, talk, session, ready)
    listening = true
    const text = again ? (words === '' ? task.prompt : words) : withSummary(task.prompt, kept?.summary ?? '', words)
    const prompted = talk.ask('session/prompt', { sessionId: session, prompt: [{ type: 'text', text }] })
    answered = prompted.catch(() => {})
    const told = PromptEnd.parse(await prompted)
    if (isOver) return
    if (told.stopReason === 'end_turn') settle({ end: 'finished', text: null, told })
    else settle({ end: 'failed', error: stoppedEarly(name, told.stopReason) })
  }
  begin().catch((error: unknown) => {
    if (!(error instanceof PeerGone)) settle({ end: 'failed', error: failureOf(name, error) }) // else its end says more
  })

  try {
    const first = await Promise.race([outcome, ended])
    task.signal.removeEventListener('abort', stopped)
    if ('why' in first) {
      checkEnd(`The agent ${name}`, first, task.seconds)
      throw failed(
        'agent',
        'agent_failed',
        `The agent ${name} ended without a result.`,
        'The end of its log says why.',
        { started: true },
      )
    }
    if (first.end !== 'finished' || first.told === null) await cancel()
    program.closeInput()
    await atMost(3_000, ended) // what it still says is taken in
    stop.abort('stopped')
    const last = await ended
    if (task.signal.aborted || last.why === 'time') checkEnd(`The agent ${name}`, last, task.seconds)
    if (first.end === 'failed') throw first.error
    heard.flush()
    if (first.end === 'finished')
      return { end: 'finished', text: first.text ?? heard.answer(), usage: usageOf(name, task, first.told) }
    asked = { ask: first.ask.ask, text: first.text }
    return { end: 'parked', ask: first.ask, usage: unknownUsage }
  } finally {
    await ended
    heard.flush()
    await writeKept(task.state, keptName, {
      session,
      summary: notes.text(),
      asked,
    } satisfies AcpKept)
  }
}

/** Sets the mode in which it asks, and makes sure of it; on every session, a new one or an old one. Throws WorkFailed when it cannot be had. */
const setAsking = async (
  name: string,
  agent: AcpAgent,
  talk: Peer,
  sessionId: string,
  ready: SessionReady,
): Promise<void> => {
  const [modeId] = agent.asking
  if (modeId === undefined) {
    if (ready.modes) throw doesNotAsk(name, 'it has modes, and none is named in which it asks (`asking:`)')
    return
  }
  if (!ready.modes?.availableModes.some(({ id }) => id === modeId)) throw doesNotAsk(name, `it has no mode ${modeId}`)
  // Also when it says that it is there already: only an answer to this is an answer of this version.
  await talk.ask('session/set_mode', { sessionId, modeId }).catch((error: unknown) => {
    throw error instanceof PeerRefused ? doesNotAsk(name, `it refused its mode ${modeId}: ${error.message}`) : error
  })
}

const doesNotAsk = (name: string, why: string): WorkFailed =>
  failed(
    'agent',
    'agent_does_not_ask',
    `The agent ${name} would not ask before it runs commands: ${why}.`,
    'Name a mode in which it asks in the policy of the runner (`acp:`), or use another version.',
    { started: true, retrySafe: false },
  )

const stoppedEarly = (name: string, reason: string): WorkFailed =>
  failed(
    'agent',
    reason === 'refusal' ? 'model_declined' : 'agent_stopped_early',
    reason === 'refusal'
      ? `The model of ${name} declined to do this.`
      : `The agent ${name} stopped before it was done (${reason}).`,
    'The end of its log shows where. Ask for less at once, or in other words.',
    { started: true },
  )

const failureOf = (name: string, error: unknown): Error => {
  if (!(error instanceof PeerRefused)) return error instanceof Error ? error : new Error(String(error))
  const more = error.data === undefined ? '' : ` ${JSON.stringify(error.data)}`
  const words = `${error.message}${more}`
  const status = /\b(?:status|code)"?\s*:?\s*"?([45]\d\d)\b/i.exec(words)?.[1]
  return modelFailure(
    `The agent ${name}`,
    status === undefined ? (error.code !== null && error.code >= 400 ? error.code : null) : Number(status),
    words,
  )
}

/** Its own count, as far as it tells one. */
const usageOf = (name: string, task: AgentTask, told: PromptEnd | null): Usage => {
  const usage = told?.usage
  const quota = told?._meta?.quota?.token_count
  const counted: Usage | null = usage
    ? {
        inputTokens: (usage.inputTokens ?? 0) + (usage.cachedWriteTokens ?? 0),
        outputTokens: usage.outputTokens ?? null,
        cachedTokens: usage.cachedReadTokens ?? null,
        usdMicros: null,
        source: 'agent',
      }
    : quota
      ? {
          inputTokens: quota.input_tokens ?? null,
          outputTokens: quota.output_tokens ?? null,
          cachedTokens: null,
          usdMicros: null,
          source: 'agent',
        }
      : null
  if (!counted) return unknownUsage
  task.on({
    event: 'message',
    text: `${name} counted ${counted.inputTokens ?? '?'} tokens in, ${counted.outputTokens ?? '?'} out.`,
  })
  return counted
}

/** Resolves with the promise, or after this many milliseconds. */
const atMost = async (millis: number, promise: Promise<unknown>): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  await Promise.race([promise, new Promise((late) => (timer = setTimeout(late, millis)))]).finally(() =>
    clearTimeout(timer),
  )
}
