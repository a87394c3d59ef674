/** Which routes are about the workspace's own choices? */
import { z } from 'zod'
import { capAtMost, isCapped } from '../action/caps.ts'
import { leavesLevels } from '../wire/level.ts'
import { routeTable } from './route.ts'
import { poolName } from './runners.ts'

const agent = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'an agent is lower-case letters, digits, ., _ and -')
const Agents = z.strictObject({
  plan: agent.optional(),
  read: agent.optional(),
  edit: agent.optional(),
  review: agent.optional(),
})

const Caps = z.record(z.string().refine(isCapped, 'it is no action that is counted'), z.int().min(0).max(capAtMost))

export const WorkspaceView = z.strictObject({
  id: z.string(),
  slug: z.string(),
  name: z.string(),
  sample: z.boolean(),
  /** Where plans, patches and logs of new runs are kept: at the edge (on the runner), or stored here as well. */
  bodies: z.enum(['edge', 'stored']),
  /** May short texts (summaries, reasons) leave runners, or metadata alone? A runner's own policy may say less, never more. */
  leaves: z.enum(leavesLevels),
  /** The pool of a workflow that names none, or null: the only one there is, else `default`. */
  defaultPool: z.string().nullable(),
  /** The agent of a step that names none, by mode; a mode that is not there takes the first agent of the pool that can. */
  defaultAgents: Agents,
  /** Are stored bodies part of a packet? */
  packetBodies: z.boolean(),
  /** How often an action may be done in any hour in the whole workspace; one that is not there has the number of its form. */
  caps: Caps,
})

export const workspaceRoutes = routeTable({
  workspace: {
    method: 'GET',
    path: '/api/workspace',
    access: 'signed-in',
    summary: 'The choices of the workspace',
    answer: WorkspaceView,
  },
  changeWorkspace: {
    method: 'PUT',
    path: '/api/workspace',
    access: 'admin',
    summary: 'Change choices of the workspace; what is left out stays. They hold for runs that start afterwards',
    body: z.strictObject({
      bodies: WorkspaceView.shape.bodies.optional(),
      leaves: WorkspaceView.shape.leaves.optional(),
      defaultPool: poolName.nullable().optional(),
      defaultAgents: Agents.optional(),
      packetBodies: z.boolean().optional(),
      caps: Caps.optional(),
    }),
    answer: WorkspaceView,
  },
})
