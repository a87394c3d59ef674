/** The routes about workflows. */
import { setImmediate as breath } from 'node:timers/promises'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { placesSaid } from '@viewportai/core/workflow/places-said'
import { summarize } from '@viewportai/core/workflow/summary'
import { workflowJsonSchema } from '@viewportai/core/workflow/json-schema'
import type { Context } from '../context.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { allTemplates } from '../gallery/templates.ts'
import type { Answers } from '../http/answers.ts'
import { oneAtATime } from '../one-at-a-time.ts'
import { asPerson } from '../sign-in/asker.ts'
import { readConnections } from '../tools/connections.ts'
import { notesOnPlaces } from '../tools/look-up.ts'
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

/** So many texts of one workspace are read or wait at once; more are refused. The largest keeps everybody for a moment, so others come in between. */
const checksAtMost = 16
const turns = oneAtATime(checksAtMost)

const inTurn = async <T>(workspace: string, left: AbortSignal, work: () => Promise<T>): Promise<T | Refusal> => {
  const turn = await turns(workspace, left, async () => {
    await breath()
    return work()
  })
  return turn.done ? turn.value : refuse('checks_wait', { most: checksAtMost })
}

export const workflowAnswers = ({ db, key, outside }: Context): Pick<Answers, Served> => ({
  workflows: ({ asker }) =>
    inWorkspace(db, asker.workspace, async (tx) => ({
      workflows: await itemsOf(tx, await currentVersions(tx), await readWorld(tx)),
    })),
  workflow: ({ asker, params, query }) =>
    inWorkspace(db, asker.workspace, (tx) => readWorkflow(tx, params.workflow, query.version ?? null)),
  async saveWorkflow({ asker, body, left }) {
    const { workspace } = asker
    const saved = await inTurn(workspace, left, () =>
      inWorkspace(db, workspace, async (tx) => {
        const stored = await saveWorkflow(tx, asPerson(asker), body)
        if (isRefusal(stored)) return stored
        return {
          item: (await itemsOf(tx, [stored], await readWorld(tx)))[0]!,
          said: placesSaid(stored.compiled),
          connections: await readConnections(tx),
        }
      }),
    )
    if (isRefusal(saved)) return saved
    // It is saved by now, whatever the tools say, and whether they can be asked or not.
    return { ...saved.item, notes: await notesOnPlaces(saved.said, saved.connections, { key, workspace, outside }) }
  },
  enableWorkflow: ({ asker, params, body }) =>
    inWorkspace(db, asker.workspace, async (tx) =>
      shown(tx, await enableWorkflow(tx, asPerson(asker), params.workflow, body.enabled)),
    ),
  checkWorkflow: ({ asker, body, left }) =>
    inTurn(asker.workspace, left, async () => {
      const result = compileWorkflow(body.source)
      if (!result.ok) return { ok: false, errors: result.errors.map(errorOf), digest: null, summary: [], missing: [] }
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
    }),
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
