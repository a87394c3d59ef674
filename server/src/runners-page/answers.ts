/** The routes about runners, pairing and the numbers of the frame. */
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import { viewerOf } from '../gates/answers.ts'
import type { Answers } from '../http/answers.ts'
import { repeatedly } from '../ledger/act.ts'
import { changeRunner, drainRunner, removeRunner } from './change.ts'
import { decidePairing, findPairing } from './pairing.ts'
import { readRunners, readStatus } from './read.ts'

export const runnerAnswers = ({
  db,
}: Context): Pick<
  Answers,
  'runners' | 'findPairing' | 'decidePairing' | 'changeRunner' | 'drainRunner' | 'removeRunner' | 'status'
> => ({
  runners: ({ asker }) => inWorkspace(db, asker.workspace, (tx) => readRunners(tx)),
  findPairing: ({ asker, body }) => findPairing(db, asker, body.code),
  decidePairing: ({ asker, params, body }) => decidePairing(db, asker, params.pairing, body),
  changeRunner: ({ asker, params, body }) =>
    inWorkspace(
      db,
      asker.workspace,
      async (tx) =>
        (await changeRunner(tx, asker, params.runner, body)) ??
        (await readRunners(tx)).runners.find((one) => one.id === params.runner)!,
    ),
  drainRunner: async ({ asker, params, body }) =>
    (await inWorkspace(db, asker.workspace, (tx) => drainRunner(tx, asker, params.runner, body.drain))) ?? undefined,
  removeRunner: async ({ asker, params }) =>
    (await repeatedly(() => inWorkspace(db, asker.workspace, (tx) => removeRunner(tx, asker, params.runner)))) ??
    undefined,
  status: ({ asker }) => inWorkspace(db, asker.workspace, (tx) => readStatus(tx, viewerOf(asker))),
})
