/**
 * What does a button that somebody pressed at a tool do?
 * It shows them a gate that they may decide now, or it decides as a page would, for the person whose account it was by id, with the rights that they have now, on the digest that the message showed. Its
 * nonce is taken once; a copy of the message elsewhere, an older message, or somebody else's account gives no right.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import type { z } from 'zod'
import type { DecisionBody } from '@viewportai/core/api/inbox'
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import { isRefusal } from '@viewportai/core/refusal'
import { accountsIn, peopleBy } from '../deliveries/entries.ts'
import { runOfGate } from '../gates/card.ts'
import { decideGate } from '../gates/decide.ts'
import { readPeople } from '../people/read.ts'
import type { Click, Dialog } from '../tools/port.ts'
import { readValue, type Press } from './ask.ts'
import { dialogFor } from './dialog.ts'

/** How long a button is waited for (ms) whose message was just written: Slack shows it a moment before we hear its name. */
const justWrittenMillis = 5_000

/** What whoever pressed it sees, or words for them and for nobody else; null: there is nothing to say. */
export const pressed = async (
  db: Database,
  { workspace, tool, address }: { readonly workspace: string; readonly tool: string; readonly address: () => string },
  click: Click,
): Promise<string | Dialog | null> => {
  if (click.value === '') return null // a link: it opens a page
  const asked = readValue(click.value)
  if (asked === null || (asked.does === 'decide') !== (click.said !== null)) return 'Nothing is decided by this button.'
  const account = `${tool}:${click.by}`
  const person = await inWorkspace(db, workspace, async (tx) =>
    peopleBy(await accountsIn(tx), await readPeople(tx))(account),
  )
  if (person === null)
    return `Nothing is decided: your account ${account} is nobody here. An admin of Viewport links it: viewport people link @you ${account}`
  if (!(await isCurrent(db, { workspace, tool }, asked, click.on)))
    return 'Nothing is decided: this was decided or has changed since. Open it in the inbox.'
  if (asked.does === 'show') return inWorkspace(db, workspace, (tx) => dialogFor(tx, person, asked, address()))
  const said = saidBy(asked, click)
  const decided = await decideGate(
    db,
    { workspace, person: person.person, name: person.name, via: { surface: 'slack', auth: 'account' } },
    asked.gate,
    { ...said, digest: asked.digest, lines: [] },
  )
  if (isRefusal(decided)) return `Nothing is decided: ${decided.words} ${decided.next}`
  await inWorkspace(db, workspace, (tx) =>
    tx.query('update vp.run_statuses set nonce = null where workspace = $1 and nonce = $2', [
      tx.workspace,
      asked.nonce,
    ]),
  )
  const did = { approve: 'Approved', reject: 'Rejected', request_changes: 'Changes asked for', answer: 'Answered' }[
    said.verdict
  ]
  return decided.state === 'closed'
    ? `${did}.`
    : `${did}. ${decided.votesNeeded} more ${decided.votesNeeded === 1 ? 'vote is' : 'votes are'} needed.`
}

/** The decision that a button, or a choice in a dialog, stands for. A choice that the gate does not offer is refused where it is decided. */
const saidBy = (
  { does }: Press,
  { said }: Click,
): Pick<z.output<typeof DecisionBody>, 'verdict' | 'comment' | 'answer'> => {
  const words = said?.words.trim() ?? ''
  const verdict: string = does === 'decide' ? (said?.choice ?? '') : does
  return verdict === 'approve' || verdict === 'reject' || verdict === 'request_changes'
    ? { verdict, comment: words === '' ? null : words, answer: null }
    : {
        verdict: 'answer',
        comment: null,
        answer: { choice: verdict.replace(/^answer:/, ''), text: words === '' ? null : words },
      }
}

/** Does this very message ask for this very gate, and was its nonce not taken? */
const isCurrent = async (
  db: Database,
  { workspace, tool }: { readonly workspace: string; readonly tool: string },
  { gate, nonce }: { readonly gate: string; readonly nonce: string },
  on: string | null,
): Promise<boolean> => {
  const named = () =>
    inWorkspace(db, workspace, async (tx) => {
      const row = (
        await tx.query<{ run: string; message: string | null }>(
          'select run, message from vp.run_statuses where workspace = $1 and tool = $2 and nonce = $3',
          [tx.workspace, tool, nonce],
        )
      ).rows[0]
      return row !== undefined && (await runOfGate(tx, gate)) === row.run ? row : null
    })
  const patient = Date.now() + justWrittenMillis
  let row = await named()
  while (row?.message === null && Date.now() < patient) {
    await sleep(100)
    row = await named()
  }
  return row !== null && row.message !== null && row.message === on
}
