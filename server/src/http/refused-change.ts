/** How does a change that somebody may not make stay on record? As a fact of the workspace, so that a refused try is told like a decision. */
import type { Refusal } from '@viewportai/core/refusal'
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'
import { asPerson, type Asker } from '../sign-in/asker.ts'
import { wrongTry } from '../sign-in/tries.ts'

// So many of one person in so long are told one by one: a loop of theirs must not fill the ledger.
const toldAtMost = 30
const windowMillis = 10 * 60_000

/** Records it. `params`: the ids in the address; they say what it was about, and nothing of the body is kept. */
export const refusedChange =
  (db: Database) =>
  async (asker: Asker, route: string, params: unknown, { refusal, words }: Refusal): Promise<void> => {
    const subject = `refused changes of ${asker.workspace} ${asker.person}`
    if (await wrongTry(db, { subject, tries: toldAtMost, windowMillis })) return
    const about = Object.fromEntries(
      Object.entries(Object(params) as Record<string, unknown>).map(([name, value]) => [
        name,
        String(value).slice(0, 200),
      ]),
    )
    await inWorkspace(db, asker.workspace, (tx) => {
      record(tx, {
        type: 'refusal.recorded',
        by: asPerson(asker),
        data: { code: refusal, words, about: { route, ...about } },
      })
      return Promise.resolve()
    })
  }
