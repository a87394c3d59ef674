/**
 * How does one attempt with Codex go, from the first message to the end of its process?
 * The thread is opened or gone on with, one turn is started, what it asks is answered; then it is asked to go, and ended if it does not.
 */
import type { Usage } from '@viewportai/core/run/facts'
import { failed } from '../work/failure.ts'
import { answersText, decideWith } from './asks.ts'
import { answerCodex } from './codex-asks.ts'
import { hear, type CodexTokens } from './codex-events.ts'
import { codexFailure } from './codex-failure.ts'
import { trustHooks } from './codex-hooks.ts'
import { keepCodexSession, keyVariable, type CodexSession } from './codex-home.ts'
import { ThreadReady, TurnOver, TurnReady } from './codex-messages.ts'
import { unknownUsage, type AgentEnd, type AgentTask, type Ask } from './driver.ts'
import { checkEnd } from './ended.ts'
import { PeerGone, PeerRefused } from './peer.ts'
import { talkFor, type Talk } from './start-peer.ts'
import { atMost } from './at-most.ts'

type Outcome = { end: 'finished' } | { end: 'parked'; ask: Ask; text: string } | { end: 'failed'; error: Error }

/** Talks with `program` until its turn is over or a person is asked. `home`: its CODEX_HOME. `session`: the one to go on with. Throws WorkFailed. */
export const converse = async (
  program: string,
  task: AgentTask,
  key: string | null,
  home: string,
  session: CodexSession | null,
): Promise<AgentEnd> => {
  const words = session ? answersText(task.answers, session.asked) : ''
  const decide = decideWith(task)
  const heard = hear(task.cwd, task.on)
  const stop = new AbortController()
  let main = { thread: '', turn: '' }
  let settle: (outcome: Outcome) => void = () => {}
  const outcome = new Promise<Outcome>((done) => (settle = done))
  let turnOver: () => void = () => {}
  const interrupted = new Promise<void>((done) => (turnOver = done))
  let parked = false

  const { peer: talk, start }: Talk = talkFor(
    task,
    {
      request: (method, params) =>
        answerCodex(
          {
            task,
            decide,
            changeOf: heard.changeOf,
            explain: (threadId, expectedTurnId, text) =>
              // Its no has no place for a reason; a message can be added while the turn goes on. The tag says that it is no new task.
              talk
                .ask('turn/steer', {
                  threadId,
                  expectedTurnId,
                  input: [{ type: 'text', text: `<refusal>\n${text}\n</refusal>` }],
                })
                .then(
                  () => {},
                  () => {}, // the turn takes no more words: it hears the no alone
                ),
            park: (ask, text) => {
              parked = true
              settle({ end: 'parked', ask, text })
            },
          },
          method,
          params,
        ),
      notification: (method, params) => {
        if (method === 'turn/completed') {
          const over = TurnOver.safeParse(params).data
          if (over?.threadId !== main.thread) return
          turnOver()
          const { status, error } = over.turn
          if (status === 'completed') return settle({ end: 'finished' })
          settle({ end: 'failed', error: codexFailure('Codex', error ?? { message: `its turn ended as ${status}` }) })
        } else if (!parked) heard.take(method, params)
      },
    },
    { version: false },
  )
  const { program: started, ended } = await start(
    {
      argv: [program, 'app-server'],
      env: { ...task.env, CODEX_HOME: home, ...(key !== null && { [keyVariable]: key }) },
    },
    stop.signal,
  )

  /** Asks for the end of the turn, so that the record says so; not for long. */
  const interrupt = async (): Promise<void> => {
    if (main.turn === '') return
    talk.ask('turn/interrupt', { threadId: main.thread, turnId: main.turn }).catch(() => {})
    await atMost(2_000, Promise.race([interrupted, ended]))
  }
  const cancel = (): void => void interrupt().finally(() => stop.abort('stopped'))
  if (task.signal.aborted) cancel()
  task.signal.addEventListener('abort', cancel, { once: true })

  const begin = async (): Promise<void> => {
    await talk.ask('initialize', {
      clientInfo: { name: 'vpd', title: 'Viewport', version: '1' },
      capabilities: { experimentalApi: true, requestAttestation: false },
    })
    talk.tell('initialized')
    if (task.settings && task.settings.hooks.length > 0) await trustHooks(talk, task.cwd)
    // `sandbox`: a resumed thread that gets none falls back to its own; the turn's externalSandbox counts in the end.
    const common = {
      cwd: task.cwd,
      approvalPolicy: 'untrusted',
      approvalsReviewer: 'user',
      sandbox: 'read-only',
      model: task.modelName,
    }
    const ready = ThreadReady.parse(
      session
        ? await talk.ask('thread/resume', { ...common, threadId: session.thread, excludeTurns: true })
        : await talk.ask('thread/start', { ...common, experimentalRawEvents: true }),
    )
    if (ready.approvalPolicy !== 'untrusted')
      throw failed(
        'agent',
        'agent_does_not_ask',
        'Codex would not ask before it runs commands.',
        'Try another version.',
        {
          retrySafe: false,
        },
      )
    main = { thread: ready.thread.id, turn: '' }
    await keepCodexSession(task.state, { thread: ready.thread.id, asked: null })
    const turn = TurnReady.parse(
      await talk.ask('turn/start', {
        threadId: ready.thread.id,
        input: [{ type: 'text', text: words === '' ? task.prompt : words }],
        approvalPolicy: 'untrusted',
        approvalsReviewer: 'user',
        sandboxPolicy: { type: 'externalSandbox', networkAccess: 'restricted' },
        collaborationMode: {
          mode: task.mode === 'plan' ? 'plan' : 'default',
          settings: { model: ready.model, reasoning_effort: null, developer_instructions: null },
        },
      }),
    )
    main.turn = turn.turn.id
  }
  begin().catch((error: unknown) => {
    if (error instanceof PeerGone) return // its end says more
    settle({ end: 'failed', error: error instanceof PeerRefused ? notTalking(error) : asError(error) })
  })

  const first = await Promise.race([outcome, ended])
  task.signal.removeEventListener('abort', cancel)
  if ('why' in first) {
    checkEnd('Codex', first, task.seconds)
    throw failed('agent', 'agent_failed', 'Codex ended without a result.', 'The end of its log says why.', {
      started: true,
    })
  }
  if (first.end === 'parked') await interrupt()
  started.closeInput()
  await atMost(3_000, ended)
  stop.abort('stopped')
  const last = await ended
  if (task.signal.aborted || last.why === 'time') checkEnd('Codex', last, task.seconds)
  if (first.end === 'failed') throw first.error
  const usage = usageOf(task, heard.tokens())
  if (first.end === 'finished') return { end: 'finished', text: heard.answer(main.thread), usage }
  await keepCodexSession(task.state, { thread: main.thread, asked: { ask: first.ask.ask, text: first.text } })
  return { end: 'parked', ask: first.ask, usage }
}

/** The agent's own count. Where the gateway counts, it is a cross-check in the log. */
const usageOf = (task: AgentTask, tokens: CodexTokens | null): Usage => {
  if (!tokens) return unknownUsage
  const { input, cached, output } = tokens
  task.on({ event: 'message', text: `Codex counted ${input} tokens in, ${cached} from a cache, ${output} out.` })
  return { inputTokens: input, cachedTokens: cached, outputTokens: output, usdMicros: null, source: 'agent' }
}

const notTalking = (error: PeerRefused): Error =>
  failed(
    'agent',
    'agent_failed',
    `Codex refused what vpd asked of it: ${error.message}.`,
    'Use a version that vpd was tried with.',
    {
      started: true,
      cause: error,
    },
  )

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))
