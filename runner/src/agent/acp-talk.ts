/**
 * How does one attempt with an agent of the Agent Client Protocol go, from the first message to the end of its process?
 * A session is opened or gone on with, set to the mode in which it asks, and prompted once; then it is asked to go, and ended if it does not.
 */
import { failed } from '../work/failure.ts'
import { acpMeta, type AcpAgent } from './acp-config.ts'
import { acpOutcome, acpVerdict } from './acp-asks.ts'
import { hearAcp } from './acp-events.ts'
import {
  Initialized,
  modelChoice,
  modeOption,
  OptionsTold,
  PermissionAsk,
  PromptEnd,
  SessionReady,
} from './acp-messages.ts'
import { AcpKept, acpKeptName, takeNotes, withSummary } from './acp-summary.ts'
import { answersText, decideWith } from './asks.ts'
import { unknownUsage, type AgentEnd, type AgentTask, type Ask } from './driver.ts'
import { checkEnd } from './ended.ts'
import type { AgentEvent } from './event.ts'
import { writeKept } from './kept-state.ts'
import { PeerGone, PeerRefused, type Peer } from './peer.ts'
import { talkFor } from './start-peer.ts'
import { doesNotAsk, failureOf, loginNotTaken, modelNotTaken, stoppedEarly } from './acp-failure.ts'
import { usageOf } from './acp-usage.ts'
import { atMost } from './at-most.ts'

type Outcome =
  | { end: 'finished'; text: string | null; told: PromptEnd | null }
  | { end: 'parked'; ask: Ask; text: string }
  | { end: 'failed'; error: Error }

/** Talks with the program until its turn is over or a person is asked. `kept`: what an earlier attempt left. Throws WorkFailed. */
export const converse = async (
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
  const { peer: talk, start } = talkFor(
    task,
    {
      request: async (method, params) => {
        if (method === 'session/request_permission') return permission(params)
        throw new PeerRefused(method, { code: -32_601, message: 'vpd does not do this: the agent has its own files' })
      },
      notification: (method, params) => void (method === 'session/update' && heard.take(params)),
    },
    { version: true },
  )
  const { program, ended } = await start(started, stop.signal)
  /** Asks for the end of the turn, and waits a little for it. */
  let answered: Promise<unknown> = Promise.resolve()
  const cancel = async (): Promise<void> => {
    if (session !== null) talk.tell('session/cancel', { sessionId: session })
    await atMost(2_000, Promise.race([answered, ended]))
  }
  const stopped = (): void => void cancel().finally(() => stop.abort('stopped'))
  if (task.signal.aborted) stopped()
  task.signal.addEventListener('abort', stopped, { once: true })

  /** An agent whose login is not good any more asks for another one, and waits. */
  const inTime = async <T>(opened: Promise<T>): Promise<T> => {
    const seconds = task.model.way === 'login' ? agent.login?.openSeconds : undefined
    if (seconds !== undefined && !(await atMost(seconds * 1_000, opened)))
      throw loginNotTaken(name, seconds, agent.models[0])
    return opened
  }
  const begin = async (): Promise<void> => {
    const { agentCapabilities } = Initialized.parse(
      await inTime(
        talk.ask('initialize', {
          protocolVersion: 1,
          clientInfo: { name: 'vpd', title: 'Viewport', version: '1' },
          clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
        }),
      ),
    )
    const meta = acpMeta(agent, task.env['HOME'] ?? task.state, task)
    const place = { cwd: task.cwd, mcpServers: [], ...(meta !== null && { _meta: meta }) }
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
    const ready = again ?? SessionReady.parse(await inTime(talk.ask('session/new', place)))
    session = ready.sessionId ?? kept?.session ?? null
    if (session === null)
      throw failed('agent', 'agent_failed', `${name} opened no session.`, 'The end of its log says why.', {
        started: true,
      })
    await setAsking(name, agent, talk, session, ready)
    if (task.modelName !== null && agent.model === 'option') await setModel(name, task.modelName, talk, session, ready)
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
    await writeKept(task.state, acpKeptName, {
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
  { modes, configOptions }: SessionReady,
): Promise<void> => {
  const [modeId] = agent.asking
  const option = modeOption(configOptions)
  if (modeId === undefined) {
    if (modes || option) throw doesNotAsk(name, 'it has modes, and none is named in which it asks (`asking:`)')
    return
  }
  const ids = [
    ...(modes?.availableModes ?? []).map(({ id }) => id),
    ...(option?.options ?? []).map(({ value }) => value),
  ]
  if (!ids.includes(modeId)) throw doesNotAsk(name, `it has no mode ${modeId}`)
  const refused = (error: unknown): never => {
    throw error instanceof PeerRefused ? doesNotAsk(name, `it refused its mode ${modeId}: ${error.message}`) : error
  }
  // Also when it says that it is there already: only an answer to this is an answer of this version.
  if (modes) await talk.ask('session/set_mode', { sessionId, modeId }).catch(refused)
  if (!option) return
  const params = { sessionId, configId: option.id, value: modeId }
  const now = OptionsTold.safeParse(await talk.ask('session/set_config_option', params).catch(refused)).data
  if (modeOption(now?.configOptions)?.currentValue !== modeId)
    throw doesNotAsk(name, `it did not go to its mode ${modeId}`)
}

/** Gives it the model that the step asks for, and makes sure of it. An agent may put its provider before the name. Throws WorkFailed. */
const setModel = async (
  name: string,
  model: string,
  talk: Peer,
  sessionId: string,
  { configOptions }: SessionReady,
): Promise<void> => {
  const option = modelChoice(configOptions)
  const value = option?.options?.find((one) => one.value === model || one.value.endsWith(`/${model}`))?.value
  if (!option || value === undefined)
    throw modelNotTaken(
      name,
      model,
      option
        ? `it offers ${(option.options ?? []).map((one) => one.value).join(', ')}`
        : 'its sessions have no option for it',
    )
  const params = { sessionId, configId: option.id, value }
  const now = OptionsTold.safeParse(
    await talk.ask('session/set_config_option', params).catch((error: unknown) => {
      throw error instanceof PeerRefused ? modelNotTaken(name, model, error.message) : error
    }),
  ).data
  if (modelChoice(now?.configOptions)?.currentValue !== value) throw modelNotTaken(name, model, 'it did not go to it')
}
