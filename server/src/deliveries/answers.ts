/** The routes about deliveries, matching, and starting by hand. */
import { match } from '@viewportai/core/match/match'
import { refuse } from '@viewportai/core/refusal'
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import type { Answers } from '../http/answers.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { readPeople } from '../people/read.ts'
import { currentVersions, versionOf } from '../workflows/read.ts'
import { readAgain } from './again.ts'
import { backtestOf } from './backtest.ts'
import { startByHand } from './by-hand.ts'
import { viaOf } from '../sign-in/asker.ts'
import { proposeChange } from './changes.ts'
import { entryOf, handlesOf } from './entries.ts'
import { rehearse, samplesFor } from './rehearse.ts'
import { linesOf, readDeliveries, readDelivery, readDeliveryKinds } from './read.ts'

/** So many backtests of one workspace are at work or wait at once; more are refused. */
const backtestsAtMost = 8
const inTurn = oneAtATime(backtestsAtMost)

export const deliveryAnswers = ({
  db,
}: Context): Pick<
  Answers,
  | 'deliveries'
  | 'delivery'
  | 'deliveryKinds'
  | 'readDeliveryAgain'
  | 'proposeChange'
  | 'samples'
  | 'rehearse'
  | 'backtest'
  | 'explainMatch'
  | 'startRun'
> => ({
  deliveries: ({ asker, query }) =>
    inWorkspace(
      db,
      asker.workspace,
      async (tx) =>
        (await readDeliveries(tx, query)) ??
        refuse('invalid', { where: 'query.before', why: 'it is not a place in the list' }),
    ),
  delivery: ({ asker, params }) => inWorkspace(db, asker.workspace, (tx) => readDelivery(tx, params.delivery)),
  deliveryKinds: ({ asker }) => inWorkspace(db, asker.workspace, readDeliveryKinds),
  proposeChange: ({ asker, params, body }) =>
    inWorkspace(db, asker.workspace, (tx) => proposeChange(tx, params.delivery, body)),
  readDeliveryAgain: ({ asker, params, body }) =>
    inWorkspace(db, asker.workspace, (tx) => readAgain(tx, asker, params.delivery, body.reason)),
  samples: ({ asker, query }) =>
    inWorkspace(db, asker.workspace, async (tx) => {
      if (query.workflow === undefined) return { samples: samplesFor(null) }
      const stored = await versionOf(tx, query.workflow)
      return stored
        ? { samples: samplesFor(stored.compiled) }
        : refuse('not_found', { what: 'workflow', id: query.workflow })
    }),
  rehearse: ({ asker, params, body }) => rehearse(db, asker, { workflow: params.workflow, ...body }),
  backtest: async ({ asker, body, left }) => {
    const turn = await inTurn(asker.workspace, left, () =>
      inWorkspace(db, asker.workspace, (tx) => backtestOf(tx, body, { left })),
    )
    return turn.done ? turn.value : refuse('backtests_wait', { most: backtestsAtMost })
  },
  explainMatch: ({ asker, body }) =>
    inWorkspace(db, asker.workspace, async (tx) => ({
      lines: linesOf(match(body.event, (await currentVersions(tx)).map(entryOf), handlesOf(await readPeople(tx)))),
    })),
  startRun: ({ asker, body, request }) =>
    startByHand(db, asker, { ...body, surface: viaOf(asker, request.headers['user-agent']).surface }),
})
