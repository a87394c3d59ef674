/**
 * How is the message of a run kept where a runner holds the credential?
 * The runner is sent with the text and does the same as the control plane would. It carries no buttons: whoever writes them could show another
 * thing above them than what is decided.
 */
import { z } from 'zod'
import type { ErrandReport } from '@viewportai/core/wire/errand'
import type { RunState } from '@viewportai/core/run/state'
import type { Effect } from '@viewportai/core/tools/port'
import type { Tx } from '../database/tenant.ts'
import { failureWords } from '../errands/failure-words.ts'
import { giveErrand } from '../errands/give.ts'
import type { TakenErrand } from '../errands/taken.ts'
import type { SigningKeys } from '../keys/signing-keys.ts'
import type { ConnectionRow } from '../tools/connections.ts'
import { placeAt } from '../tools/held-by.ts'
import { settingsThere } from '../tools/places.ts'
import { ended, type Showing } from './ended.ts'

/** What is remembered until the runner says how it went: everything of `Showing` but what the row itself says then. */
const About = z.object({
  seq: z.int(),
  shows: z.string(),
  message: z.string().nullable(),
  over: z.boolean(),
  pause: z.number(),
})

/** Nobody who could be sent is there: it is looked for one so often (ms). */
const againMillis = 30_000

type Sent = {
  readonly row: ConnectionRow
  readonly state: RunState
  readonly effect: Effect
  readonly text: string
  readonly showing: Showing
  readonly begun: boolean
}

/** Sends a runner to keep it; why nobody is sent stands in its row. */
export const sendToKeep = async (
  tx: Tx,
  signing: SigningKeys,
  { row, state, effect, text, showing, begun }: Sent,
): Promise<void> => {
  const { seq, shows, message, over, pause } = showing
  const { run, intent, target, told, page, home } = effect
  const given = await giveErrand(tx, signing, {
    row,
    state,
    about: { seq, shows, message, over, pause } satisfies z.infer<typeof About>,
    asks: {
      what: 'status',
      run,
      tool: row.tool,
      connection: { id: row.connection, name: row.name, at: placeAt(row), settings: settingsThere(row) },
      repos: effect.repos.map(({ name, url }) => ({ name, url })),
      intent,
      target,
      text,
      message,
      begun,
      told: { ...told, approvedBy: [...told.approvedBy] },
      page,
      home,
    },
  })
  if ('problem' in given)
    await ended(tx, run, showing, { is: 'later', why: given.problem, afterMillis: againMillis }, false)
}

/** Takes the answer of an errand of the kind `status`. */
export const statusKept = async (tx: Tx, { run, about, name }: TakenErrand, report: ErrandReport): Promise<void> => {
  const row = (
    await tx.query<{ failures: number; waits: number }>(
      'select failures, waits from vp.run_statuses where workspace = $1 and run = $2 and done_at is null for update',
      [tx.workspace, run],
    )
  ).rows[0]
  if (!row) return
  const showing = { ...About.parse(about), ...row }
  switch (report.is) {
    case 'kept':
      return ended(tx, run, showing, report.went)
    case 'failed':
      return ended(tx, run, showing, {
        is: 'failed',
        code: report.code,
        summary: failureWords(name, report),
        check: report.check,
        retrySafe: true,
      })
    case 'seen':
      return ended(tx, run, showing, { is: 'unsure', why: `${name} brought back something else.` })
  }
}
