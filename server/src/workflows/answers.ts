/** The routes about workflows. */
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { summarize } from '@viewportai/core/workflow/summary'
import { workflowJsonSchema } from '@viewportai/core/workflow/json-schema'
import type { Context } from '../context.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { allTemplates } from '../gallery/templates.ts'
import type { Answers } from '../http/answers.ts'
import { asPerson } from '../sign-in/asker.ts'
import { currentVersions, errorOf, itemsOf, readWorkflow, sectionsOf, switchedOn, type StoredVersion } from './read.ts'
import { readiness } from './readiness.ts'
import { enableWorkflow, saveWorkflow } from './save.ts'
import { readWorld } from './world.ts'

type Served =
  | 'templates'
  | 'workflows'
  | 'workflow'
  | 'saveWorkflow'
  | 'enableWorkflow'
  | 'checkWorkflow'
  | 'workflowSchema'

export const workflowAnswers = ({ db }: Context): Pick<Answers, Served> => ({
  workflows: ({ asker }) =>
    inWorkspace(db, asker.workspace, async (tx) => ({
      workflows: await itemsOf(tx, await currentVersions(tx), await readWorld(tx)),
    })),
  workflow: ({ asker, params, query }) =>
    inWorkspace(db, asker.workspace, (tx) => readWorkflow(tx, params.workflow, query.version ?? null)),
  saveWorkflow: ({ asker, body }) =>
    inWorkspace(db, asker.workspace, async (tx) => shown(tx, await saveWorkflow(tx, asPerson(asker), body))),
  enableWorkflow: ({ asker, params, body }) =>
    inWorkspace(db, asker.workspace, async (tx) =>
      shown(tx, await enableWorkflow(tx, asPerson(asker), params.workflow, body.enabled)),
    ),
  checkWorkflow: ({ asker, body }) => {
    const result = compileWorkflow(body.source)
    if (!result.ok)
      return Promise.resolve({ ok: false, errors: result.errors.map(errorOf), digest: null, summary: [], missing: [] })
    return inWorkspace(db, asker.workspace, async (tx) => {
      const world = await readWorld(tx)
      return {
        ok: true,
        errors: [],
        digest: result.digest,
        summary: sectionsOf(summarize(result.compiled, switchedOn(world))),
        missing: readiness(result.compiled, world).missing,
      }
    })
  },
  templates: () =>
    Promise.resolve({
      templates: allTemplates().map(({ name, says, source, tools, blanks, events }) => ({
        name,
        says,
        source,
        tools: [...tools],
        blanks: [...blanks],
        events: [...events],
      })),
    }),
  workflowSchema: () => Promise.resolve(workflowJsonSchema()),
})

const shown = async (tx: Tx, stored: StoredVersion | Refusal) =>
  isRefusal(stored) ? stored : (await itemsOf(tx, [stored], await readWorld(tx)))[0]!
