/**
 * Which routes does the API have?
 * The one table: the server serves it, the web app and the CLI call it, docs/openapi.json is generated from it.
 * Beside it: `GET /api/stream` (server-sent events `{topic, id}`: "look now"), `POST /hooks/:source`, `GET /healthz`, `GET /openapi.json`, `/wire/*`.
 */
import { connectionRoutes } from './connections.ts'
import { githubAppRoutes } from './github-apps.ts'
import { effectRoutes } from './effects.ts'
import { peopleRoutes } from './people.ts'
import { deliveryRoutes } from './deliveries.ts'
import { inboxRoutes } from './inbox.ts'
import { runRoutes } from './runs.ts'
import { workflowRoutes } from './workflows.ts'
import { runnerRoutes } from './runners.ts'
import { lookRoutes } from './looks.ts'
import { workspaceRoutes } from './workspace.ts'

export const routes = {
  ...peopleRoutes,
  ...inboxRoutes,
  ...runRoutes,
  ...workflowRoutes,
  ...deliveryRoutes,
  ...runnerRoutes,
  ...lookRoutes,
  ...workspaceRoutes,
  ...connectionRoutes,
  ...githubAppRoutes,
  ...effectRoutes,
} as const
export type RouteName = keyof typeof routes
