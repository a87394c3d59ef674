/**
 * How does a decision reach the run?
 * Rights are read and held in the same transaction that stores the vote; the run's own rules say the rest. A refused one is a fact as well.
 */
import type { z } from 'zod'
import type { DecisionBody } from '@viewportai/core/api/inbox'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Via } from '@viewportai/core/run/facts'
import type { GateState } from '@viewportai/core/run/state'
import { lackOfVoters } from '@viewportai/core/view/voters'
import type { Database } from '../database/open.ts'
import { inWorkspace } from '../database/tenant.ts'
import { actIn, repeatedly } from '../ledger/act.ts'
import { runOfGate } from './card.ts'
import { deciderOfGate } from './decider.ts'
import { nextFor } from './inbox.ts'
import type { TokenKind } from '../sign-in/asker.ts'
import { votersOf } from './voters.ts'

/** Who decides: workspace and person by id, and how they were known. */
export type Voter = {
  readonly workspace: string
  readonly person: string
  readonly name: string
  readonly via: z.infer<typeof Via>
  /** What vouches for them: a token, or (none) their own sign-in. */
  readonly token?: TokenKind | null
}
export type Decided = {
  gate: string
  state: GateState['state']
  outcome: string | null
  votesNeeded: number
  /** Too few people may give the votes that are needed: what would help. */
  lack: string | null
  next: string | null
}

/** Stores a vote or says why not. Two at once give one decision and one clear answer. */
export const decideGate = (
  db: Database,
  voter: Voter,
  gate: string,
  said: z.output<typeof DecisionBody>,
): Promise<Decided | Refusal> =>
  repeatedly(() =>
    inWorkspace(db, voter.workspace, async (tx) => {
      const [run, person] = await Promise.all([runOfGate(tx, gate), deciderOfGate(tx, voter, gate)])
      if (run === null) return refuse('not_found', { what: 'gate', id: gate })
      if (voter.via.surface === 'sample' && !(await isSample(tx, run))) return refuse('sample_only')
      const { state, refusal } = (
        await actIn(tx, [{ run, command: { do: 'decide', gate, person, via: voter.via, ...said } }])
      )[0]!
      if (refusal) return refusal
      const after = state!.gates[gate]!
      const approvals = new Set(after.votes.filter((vote) => vote.verdict === 'approve').map((vote) => vote.person))
        .size
      const next = await nextFor(
        tx,
        { person: voter.person, principals: person.principals },
        { openedAt: after.openedAt, gate },
      )
      return {
        gate,
        state: after.state,
        outcome: after.outcome,
        votesNeeded: after.state === 'open' ? Math.max(0, after.required - approvals) : 0,
        lack: after.state === 'open' ? lackOfVoters(after, await votersOf(tx, state!, after)) : null,
        next,
      }
    }),
  )

/** Takes the voter's vote back, until its effect begins. */
export const withdrawVote = (db: Database, voter: Voter, gate: string): Promise<Refusal | null> =>
  repeatedly(() =>
    inWorkspace(db, voter.workspace, async (tx) => {
      const [run, person] = await Promise.all([runOfGate(tx, gate), deciderOfGate(tx, voter, gate)])
      if (run === null) return refuse('not_found', { what: 'gate', id: gate })
      return (await actIn(tx, [{ run, command: { do: 'withdraw', gate, person, via: voter.via } }]))[0]!.refusal
    }),
  )

const isSample = async (tx: Parameters<typeof runOfGate>[0], run: string): Promise<boolean> =>
  (
    await tx.query(
      'select from vp.runs n join vp.workspaces w using (workspace) where n.workspace = $1 and n.run = $2 and n.sample and w.sample',
      [tx.workspace, run],
    )
  ).rowCount === 1
