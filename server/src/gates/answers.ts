/** The routes about the inbox, gates and decisions. */
import { refuse } from '@viewportai/core/refusal'
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import type { Answers, Asked } from '../http/answers.ts'
import { principalsOf } from '../people/principals.ts'
import { viaOf, type Asker } from '../sign-in/asker.ts'
import { readCard } from './card.ts'
import { decideGate, withdrawVote, type Voter } from './decide.ts'
import { cursorText, decidedBy, readCursor, waitingCount, waitingFor, type Viewer } from './inbox.ts'

/** The asker as somebody whose inbox is read. */
export const viewerOf = (asker: Asker): Viewer => ({
  person: asker.person,
  principals: principalsOf({ ...asker, id: asker.person }),
})

export const gateAnswers = ({ db }: Context): Pick<Answers, 'inbox' | 'gate' | 'decide' | 'withdraw'> => ({
  inbox: async ({ asker, query }) => {
    const after = query.before === undefined ? undefined : readCursor(query.before)
    if (after === null) return refuse('invalid', { where: 'query.before', why: 'it is not a place in the inbox' })
    const viewer = viewerOf(asker)
    return inWorkspace(db, asker.workspace, async (tx) => {
      const { open, voted, older } = await waitingFor(tx, viewer, query.limit, after)
      return {
        open,
        total: await waitingCount(tx, viewer),
        decided: after ? [] : [...voted, ...(await decidedBy(tx, viewer))],
        older: older && cursorText(older),
      }
    })
  },
  gate: ({ asker, params }) => inWorkspace(db, asker.workspace, (tx) => readCard(tx, params.gate, asker)),
  decide: (asked) => decideGate(db, voterOf(asked), asked.params.gate, asked.body),
  withdraw: async (asked) => (await withdrawVote(db, voterOf(asked), asked.params.gate)) ?? undefined,
})

const voterOf = ({ asker, request }: Asked<'decide'> | Asked<'withdraw'>): Voter => ({
  workspace: asker.workspace,
  person: asker.person,
  name: asker.name,
  token: asker.token,
  via: viaOf(asker, request.headers['user-agent']),
})
