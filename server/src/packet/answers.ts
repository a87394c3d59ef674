/** The route of the audit packet. */
import { isRefusal } from '@viewportai/core/refusal'
import type { Context } from '../context.ts'
import { inWorkspace } from '../database/tenant.ts'
import type { Answers } from '../http/answers.ts'
import { runCalled } from '../runs/read.ts'
import { packetOfRun } from './packet-of-run.ts'

export const packetAnswers = ({ db, signing }: Context): Pick<Answers, 'packet'> => ({
  packet: ({ asker, params }) =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const run = await runCalled(tx, params.run)
      if (isRefusal(run)) return run
      return packetOfRun(tx, db, signing, run)
    }),
})
