/** The routes about runs: lists, one run, its story, its bytes, stopping it, its change. */
import { isRefusal, refuse } from '@viewportai/core/refusal'
import { readFact } from '@viewportai/core/run/facts'
import { timeline } from '@viewportai/core/view/timeline'
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import { viewerOf } from '../gates/answers.ts'
import type { Answers } from '../http/answers.ts'
import { factsOf } from '../ledger/read.ts'
import { readNames } from '../people/read.ts'
import { viaOf } from '../sign-in/asker.ts'
import { readBody, readLeft, readLog } from './bytes.ts'
import { abandonChange, mergeChange, readChange, reviewChange } from './changes.ts'
import { readBoard, readCounts, readRuns } from './list.ts'
import { readPastCost } from './past-cost.ts'
import { readRunView, runCalled, stateCalled } from './read.ts'
import { cancelRun, moveRun } from './stop.ts'

type Served =
  | 'board'
  | 'runs'
  | 'pastCost'
  | 'run'
  | 'timeline'
  | 'facts'
  | 'cancelRun'
  | 'moveRun'
  | 'body'
  | 'log'
  | 'egress'
  | 'change'
  | 'mergeChange'
  | 'abandonChange'
  | 'reviewChange'

export const runAnswers = (context: Context): Pick<Answers, Served> => {
  const { db } = context
  return {
    board: ({ asker }) =>
      inWorkspace(db, asker.workspace, async (tx) => ({
        rows: await readBoard(tx, await readNames(tx)),
        counts: await readCounts(tx, viewerOf(asker)),
      })),
    runs: ({ asker, query }) =>
      inWorkspace(
        db,
        asker.workspace,
        async (tx) =>
          (await readRuns(tx, query, await readNames(tx))) ??
          refuse('invalid', { where: 'query.before', why: 'it is not a place in the list' }),
      ),
    pastCost: ({ asker, query }) => inWorkspace(db, asker.workspace, (tx) => readPastCost(tx, query.agent)),
    run: ({ asker, params }) => inWorkspace(db, asker.workspace, (tx) => readRunView(tx, params.run)),
    timeline: ({ asker, params, query }) =>
      inWorkspace(db, asker.workspace, async (tx) => {
        const state = await stateCalled(tx, params.run)
        if (isRefusal(state)) return state
        const facts = (await factsOf(tx, state.run, query.after)).map((fact) => readFact(fact.text))
        return { items: timeline(facts, state.spec.pins.agents, state.intents), last: facts.at(-1)?.seq ?? query.after }
      }),
    facts: ({ asker, params, query }) =>
      inWorkspace(db, asker.workspace, async (tx) => {
        const run = await runCalled(tx, params.run)
        return isRefusal(run)
          ? run
          : { facts: (await factsOf(tx, run, query.after)).map(({ seq, text, hash }) => ({ seq, text, hash })) }
      }),
    cancelRun: async ({ asker, params, body }) => (await cancelRun(db, asker, params.run, body.reason)) ?? undefined,
    moveRun: async ({ asker, params, body }) => (await moveRun(db, asker, params.run, body.runner)) ?? undefined,
    body: ({ asker, params, query, left }) =>
      readBody(
        context,
        { workspace: asker.workspace, called: params.run, left },
        params.digest,
        query.offset,
        query.length ?? null,
      ),
    log: ({ asker, params, query, left }) =>
      readLog(
        context,
        { workspace: asker.workspace, called: params.run, left },
        params.step,
        query.attempt ?? null,
        query.offset,
        query.follow,
      ),
    egress: ({ asker, params, left }) => readLeft(context, { workspace: asker.workspace, called: params.run, left }),
    change: ({ asker, params }) => inWorkspace(db, asker.workspace, (tx) => readChange(tx, params.change)),
    mergeChange: async ({ asker, params, body, request }) =>
      (await mergeChange(db, asker, viaOf(asker, request.headers['user-agent']), params.change, body.digest)) ??
      undefined,
    reviewChange: async ({ asker, params, body }) => (await reviewChange(db, asker, params.change, body)) ?? undefined,
    abandonChange: async ({ asker, params, body }) =>
      (await abandonChange(db, asker, params.change, body.why)) ?? undefined,
  }
}
