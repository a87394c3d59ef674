/** Which routes make an App of GitHub for this workspace, by a manifest? */
import { z } from 'zod'
import { Connected, connectionName } from './connections.ts'
import { routeTable } from './route.ts'

const state = z.string().max(100)

export const githubAppRoutes = routeTable({
  startApp: {
    method: 'POST',
    path: '/api/github-apps',
    access: 'admin',
    summary: 'Begin to make an App of GitHub; the answer names a page that leads a person there',
    body: z.strictObject({
      name: connectionName,
      /** Address of the API; https://HOST/api/v3 for GitHub Enterprise Server. */
      base: z.string().max(300),
      /** Whose App it will be; null: the person's own. */
      organization: z.string().max(100).nullable(),
    }),
    answer: z.strictObject({ page: z.string() }),
    status: 201,
  },
  madeApp: {
    method: 'POST',
    path: '/api/github-apps/codes',
    access: 'admin',
    summary: 'GitHub made the App and gave a code: exchanged once for its key; the answer says where it is installed',
    body: z.strictObject({ state, code: z.string().max(300) }),
    answer: z.strictObject({ app: z.string(), install: z.string() }),
  },
  installedApp: {
    method: 'POST',
    path: '/api/github-apps/installations',
    access: 'admin',
    summary: 'The App was installed: it is checked and becomes a connection',
    body: z.strictObject({ state, installation: z.string().regex(/^\d{1,15}$/) }),
    answer: Connected,
    status: 201,
  },
})
