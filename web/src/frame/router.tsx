/** Which address shows which page? Pages are loaded when they are first opened. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent, redirect } from '@tanstack/react-router'
import { z } from 'zod'
import { deliveryFilter } from '../deliveries/filter.ts'
import { Shell } from './shell.tsx'
import { Lost, LostPage } from './lost.tsx'
import { Broken } from './broken.tsx'

const root = createRootRoute({ notFoundComponent: Lost, errorComponent: Broken })
const shell = createRoute({ getParentRoute: () => root, id: 'shell', component: Shell })
const inbox = lazyRouteComponent(() => import('../inbox/page.tsx'), 'InboxPage')
const pair = lazyRouteComponent(() => import('../runners/pair-page.tsx'), 'PairPage')

const filter = z.object({
  q: z.string().optional(),
  state: z.enum(['waiting', 'running', 'finished']).optional(),
  workflow: z.string().optional(),
})
const search = z.object({ q: z.string().optional() })

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: z.object({ to: z.string().optional() }),
  component: lazyRouteComponent(() => import('../sign-in/page.tsx'), 'SignInPage'),
})
const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad: () => {
    // oxlint-disable-next-line typescript/only-throw-error -- the router's way to redirect
    throw redirect({ to: '/inbox' })
  },
})

const pages = [
  createRoute({ getParentRoute: () => shell, path: '/inbox', component: inbox }),
  createRoute({ getParentRoute: () => shell, path: '/inbox/$gate', component: inbox }),
  createRoute({
    getParentRoute: () => shell,
    path: '/board',
    validateSearch: search,
    component: lazyRouteComponent(() => import('../board/page.tsx'), 'BoardPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/runs',
    validateSearch: filter,
    component: lazyRouteComponent(() => import('../runs/page.tsx'), 'RunsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/runs/$run',
    validateSearch: z.object({
      show: z.enum(['plan', 'diff', 'context', 'receipts', 'left', 'facts', 'log', 'about']).optional(),
      step: z.string().optional(),
    }),
    component: lazyRouteComponent(() => import('../run/page.tsx'), 'RunPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/changes/$change',
    component: lazyRouteComponent(() => import('../run/change-page.tsx'), 'ChangePage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/workflows',
    component: lazyRouteComponent(() => import('../workflows/list-page.tsx'), 'WorkflowsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/workflows/new',
    validateSearch: z.object({
      template: z.string().optional(),
      set: z.record(z.string(), z.string()).optional(),
    }),
    component: lazyRouteComponent(() => import('../workflows/page.tsx'), 'NewWorkflowPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/workflows/templates',
    component: lazyRouteComponent(() => import('../templates/list-page.tsx'), 'TemplatesPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/workflows/templates/$template',
    component: lazyRouteComponent(() => import('../templates/page.tsx'), 'TemplatePage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/workflows/$workflow',
    validateSearch: z.object({
      version: z.number().optional(),
      /** Change the text so that this delivery starts it, or never does. */
      delivery: z.string().optional(),
      wanted: z.enum(['match', 'never']).optional(),
    }),
    component: lazyRouteComponent(() => import('../workflows/page.tsx'), 'WorkflowPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/runners',
    component: lazyRouteComponent(() => import('../runners/page.tsx'), 'RunnersPage'),
  }),
  ...(['/runners/pair', '/pair'] as const).map((path) =>
    createRoute({
      getParentRoute: () => shell,
      path,
      validateSearch: z.object({ then: z.literal('try').optional() }),
      component: pair,
    }),
  ),
  createRoute({
    getParentRoute: () => shell,
    path: '/try',
    validateSearch: z.object({
      look: z.string().optional(),
      repository: z.string().optional(),
      task: z.string().optional(),
    }),
    component: lazyRouteComponent(() => import('../try/page.tsx'), 'TryPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/try/$run',
    component: lazyRouteComponent(() => import('../try/tried-page.tsx'), 'TriedPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/connections',
    component: lazyRouteComponent(() => import('../connections/page.tsx'), 'ConnectionsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/deliveries',
    validateSearch: deliveryFilter,
    component: lazyRouteComponent(() => import('../deliveries/page.tsx'), 'DeliveriesPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/deliveries/$delivery',
    component: lazyRouteComponent(() => import('../deliveries/why-page.tsx'), 'WhyPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/effects',
    component: lazyRouteComponent(() => import('../effects/page.tsx'), 'EffectsPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/settings',
    component: lazyRouteComponent(() => import('../settings/workspace-page.tsx'), 'WorkspacePage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/settings/repositories',
    component: lazyRouteComponent(() => import('../settings/repositories-page.tsx'), 'RepositoriesPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/settings/people',
    component: lazyRouteComponent(() => import('../settings/people-page.tsx'), 'PeoplePage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/settings/tokens',
    component: lazyRouteComponent(() => import('../settings/tokens-page.tsx'), 'TokensPage'),
  }),
  createRoute({
    getParentRoute: () => shell,
    path: '/guides/$',
    component: lazyRouteComponent(() => import('../guides/page.tsx'), 'GuidePage'),
  }),
  createRoute({ getParentRoute: () => shell, path: '$', component: LostPage }),
] as const

export const makeRouter = () =>
  createRouter({
    routeTree: root.addChildren([home, signIn, shell.addChildren(pages)]),
    defaultPreload: 'intent',
    scrollRestoration: false,
  })

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>
  }
}
