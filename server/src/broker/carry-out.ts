/**
 * How does an approved effect happen at an outside tool, exactly once?
 * The beginning is a fact before the call; after anything but a clear answer the broker looks, and never sends again blindly. Work of
 * the engine, key = INTENT:ATTEMPT, or INTENT:ATTEMPT~N for the N-th return within an attempt when the tool asked to come back later.
 */
import type { EffectEnd } from '@viewportai/core/run/command'
import type { No } from '@viewportai/core/run/choose-connection'
import { isOnlyLookedFor } from '@viewportai/core/run/due'
import type { Through } from '@viewportai/core/run/facts'
import { outsideEffect, paramsFlaw } from '@viewportai/core/run/outside-effect'
import type { IntentState, RunState } from '@viewportai/core/run/state'
import type { FastifyBaseLogger } from 'fastify'
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import type { Engine, Work } from '../engine/port.ts'
import { act } from '../ledger/act.ts'
import { loadRun } from '../ledger/read.ts'
import { placeIn } from '@viewportai/core/tools/place'
import { keepPlaces } from '../tools/places.ts'
import { actionNamed } from '../tools/table.ts'
import { bounded } from '@viewportai/core/tools/bounded'
import { doneOnce, endOf, patienceMillis, settleMillis, type How } from '@viewportai/core/tools/once'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Action, Effect, Went } from '@viewportai/core/tools/port'
import type { Connection } from '../tools/port.ts'
import { connectionFor } from './connection-for.ts'
import { alone } from './alone.ts'
import { capReached, hourCapReached } from './hour-cap.ts'

export type BrokerOptions = {
  readonly db: Database
  readonly key: Uint8Array
  readonly engine: Pick<Engine, 'enqueue'>
  readonly outside: Outside
  readonly address: string
  readonly log: FastifyBaseLogger
}

/** After this long (ms) it is looked whether the replica that has the effect now brought it to its end. */
const elsewhereMillis = 30_000
/** How often an attempt comes back because the tool asked for it; after that a person decides. */
const returnsAtMost = 40
const longestPause = 3_600_000

/** Carries one attempt to an end that is a fact, or comes back later. Asked twice it does nothing twice. */
export const carryOut = async (options: BrokerOptions, { workspace, key }: Work): Promise<void> => {
  const named = nameOf(key)
  const one = { workspace, ...named }
  const mine = await alone(options.db, { workspace, intent: named.intent }, () => once(options, one))
  if (!mine) await again(options, one, elsewhereMillis)
}

/** The work was given up, because this program could not do its own part: whether it happened is not known, and it is looked for. */
export const gaveUp = async ({ db }: Pick<BrokerOptions, 'db'>, { workspace, key }: Work): Promise<void> => {
  const named = nameOf(key)
  await act(db, {
    workspace,
    run: named.run,
    command: {
      do: 'endEffect',
      intent: named.intent,
      attempt: named.attempt,
      end: { is: 'unknown', why: 'The control plane could not finish it; its log says why.' },
    },
  })
}

const nameOf = (key: string): Pick<Attempt, 'run' | 'intent' | 'attempt' | 'returns'> => {
  const named = /^(int_[0-9a-z]+-\d+):(\d+)(?:~(\d+))?$/.exec(key)
  if (!named) throw new Error(`${key} is no effect.`)
  const intent = named[1]!
  return {
    run: `run_${intent.slice(4, intent.lastIndexOf('-'))}`,
    intent,
    attempt: Number(named[2]),
    returns: Number(named[3] ?? 0),
  }
}

type Attempt = {
  readonly workspace: string
  readonly run: string
  readonly intent: string
  readonly attempt: number
  readonly returns: number
}

const once = async (options: BrokerOptions, one: Attempt): Promise<void> => {
  const { db } = options
  const { workspace, run } = one
  const before = await inWorkspace(db, workspace, (tx) => loadRun(tx, run))
  const held = before?.intents[one.intent]
  if (!before || !held) return
  const begun = held.state === 'executing' && held.attempt === one.attempt
  // Chosen before the beginning, so that the fact says through which connection it goes.
  const ready = await prepared(options, workspace, before, held)
  const { refusal, state } = await act(db, {
    workspace,
    run,
    command: {
      do: 'beginEffect',
      intent: one.intent,
      attempt: one.attempt,
      through: 'summary' in ready ? null : ready.through,
    },
  })
  if (refusal !== null || !state) return // done already, stopped meanwhile, or another attempt is under way
  const intent = state.intents[one.intent]!
  const end = (how: EffectEnd) =>
    act(db, { workspace, run, command: { do: 'endEffect', intent: one.intent, attempt: one.attempt, end: how } })
  if ('summary' in ready)
    return void (await end({ is: 'failed', failure: { ...ready, class: 'effect', retrySafe: true, started: false } }))
  const lookOnly = isOnlyLookedFor(state, held)
  const capped = lookOnly ? null : await inWorkspace(db, workspace, (tx) => hourCapReached(tx, state, intent))
  if (capped !== null) return void (await end({ is: 'failed', failure: capReached(capped) }))
  // Whoever had it before was killed a moment ago, and what it sent may be on its way: a look now would see nothing of it.
  if (begun && one.returns === 0 && (await sinceBegan(db, before)) < settleMillis)
    return again(options, { ...one, returns: 0 }, settleMillis)
  // A first attempt that nobody began before cannot have happened; everything else is looked for first.
  const fresh = !begun && one.attempt === 1 && one.returns === 0
  const went = await tried(ready, { fresh, lookOnly }, options)
  if (went.is === 'later' && one.returns < returnsAtMost) return comeBack(options, one, intent, went)
  const place = went.is === 'done' ? placeIn(went.receipt.observed) : null
  // From now on the name means that one to this connection.
  if (place !== null) await inWorkspace(db, workspace, (tx) => keepPlaces(tx, ready.connection.id, [place]))
  await end(endOf(ready.toolName, went))
}

/** Since the last fact of the run (ms, by the clock of the database): an attempt that nobody went on with began no later. */
const sinceBegan = async (db: Database, { lastAt }: RunState): Promise<number> =>
  (await db.app.query<{ now: number }>('select vp.now_ms() as now')).rows[0]!.now - lastAt

type Ready = {
  readonly toolName: string
  readonly action: Action
  readonly connection: Connection
  readonly effect: Effect
  readonly through: Through
}

/** Everything the action needs, or why it cannot be done. Parameters are read once more: what is unknown or missing is a failure. */
const prepared = async (
  { db, key, address }: BrokerOptions,
  workspace: string,
  state: RunState,
  intent: IntentState,
): Promise<Ready | No> => {
  const known = actionNamed(intent.action)
  if (!known)
    return {
      code: 'no_such_action',
      summary: `This version of Viewport cannot do ${intent.action}.`,
      check: 'Take the action out of the workflow, or upgrade.',
    }
  const flaw = paramsFlaw(intent)
  if (flaw !== null) return { code: 'params_invalid', summary: flaw, check: 'Mend the workflow.' }
  const chosen = await inWorkspace(db, workspace, (tx) => connectionFor(tx, key, known.toolName, state, intent))
  if ('summary' in chosen) return chosen
  return {
    toolName: known.toolName,
    action: known.action,
    connection: chosen.connection,
    through: chosen.through,
    effect: { ...outsideEffect(state, intent, address), home: chosen.home },
  }
}

const tried = async (ready: Ready, how: How, { outside, log }: BrokerOptions): Promise<Went> => {
  try {
    return await doneOnce(ready, how, bounded(outside, patienceMillis))
  } catch (error) {
    log.error({ err: error, intent: ready.effect.intent }, 'An effect broke off; it will be looked for.')
    return { is: 'unsure', why: 'the program broke off while it was done; the log of the server says why' }
  }
}

/** The tool asked to come back: the same attempt, later. People see it on the run. */
const comeBack = async (
  { db, engine }: BrokerOptions,
  { workspace, run, intent: id, attempt, returns }: Attempt,
  intent: IntentState,
  { why, afterMillis }: Extract<Went, { is: 'later' }>,
): Promise<void> => {
  if (returns === 0)
    await act(db, {
      workspace,
      run,
      command: {
        do: 'recordRefusal',
        by: { kind: 'system' },
        code: 'tool_busy',
        words: `${intent.action} waits: ${why}.`,
        step: intent.step,
        about: { intent: id, attempt },
      },
    })
  await again({ db, engine }, { workspace, run, intent: id, attempt, returns }, afterMillis)
}

/** The same attempt once more, in so many milliseconds. */
const again = (
  { db, engine }: Pick<BrokerOptions, 'db' | 'engine'>,
  { workspace, run, intent, attempt, returns }: Attempt,
  afterMillis: number,
): Promise<void> =>
  inWorkspace(db, workspace, async (tx) => {
    const { rows } = await tx.query<{ now: number }>('select vp.now_ms() as now')
    const at = rows[0]!.now + Math.min(longestPause, Math.max(1_000, afterMillis))
    await engine.enqueue(tx, 'effect', `${intent}:${attempt}~${returns + 1}`, { run, at })
  })
