/**
 * Which questions do pages ask, under which key are answers kept?
 * The first word of a key is the route; live.ts maps what happened to keys.
 */
import { queryOptions } from '@tanstack/react-query'
import { api, apiUntil, setCrossSiteToken } from './call.ts'
import { hear } from './clock.ts'
import { unreachable } from './problem.ts'

/** How long an answer to the shortest question may take (ms) before nobody is taken to be there. */
const patienceMillis = 8_000

export const questions = {
  me: () =>
    queryOptions({
      queryKey: ['me'],
      queryFn: async () => {
        const me = await api.me()
        setCrossSiteToken(me.csrf)
        return me
      },
      staleTime: Number.POSITIVE_INFINITY,
    }),
  status: () =>
    queryOptions({
      queryKey: ['status'],
      queryFn: async () => {
        const patience = AbortSignal.timeout(patienceMillis)
        const status = await apiUntil(patience)
          .status()
          .catch((error: unknown) => {
            throw patience.aborted ? unreachable(error) : error
          })
        hear(status.at, Date.now())
        return status
      },
      retry: false, // whether anybody is there is what is asked
      refetchInterval: 30_000, // the clock of the page is set by it, and runners go offline without a note
    }),
  people: () => queryOptions({ queryKey: ['people'], queryFn: () => api.people(), staleTime: 60_000 }),
  workspace: () => queryOptions({ queryKey: ['workspace'], queryFn: () => api.workspace() }),
  tokens: () => queryOptions({ queryKey: ['tokens'], queryFn: () => api.tokens() }),
  inbox: () => queryOptions({ queryKey: ['inbox'], queryFn: () => api.inbox({ query: { limit: 100 } }) }),
  gate: (gate: string) => queryOptions({ queryKey: ['gate', gate], queryFn: () => api.gate({ params: { gate } }) }),
  board: () => queryOptions({ queryKey: ['board'], queryFn: () => api.board() }),
  run: (run: string) => queryOptions({ queryKey: ['run', run], queryFn: () => api.run({ params: { run } }) }),
  pastCost: (agent: string) =>
    queryOptions({
      queryKey: ['past-cost', agent],
      queryFn: () => api.pastCost({ query: { agent } }),
      staleTime: 60_000,
    }),
  timeline: (run: string) =>
    queryOptions({ queryKey: ['timeline', run], queryFn: () => api.timeline({ params: { run } }) }),
  /** Asking is noted by the runner: once, and when somebody asks again. */
  egress: (run: string) =>
    queryOptions({
      queryKey: ['egress', run],
      queryFn: () => api.egress({ params: { run } }),
      staleTime: Number.POSITIVE_INFINITY,
      refetchOnWindowFocus: false,
      refetchOnReconnect: false,
      retry: false,
    }),
  change: (change: string) =>
    queryOptions({ queryKey: ['change', change], queryFn: () => api.change({ params: { change } }) }),
  workflows: () => queryOptions({ queryKey: ['workflows'], queryFn: () => api.workflows() }),
  /** They come with the program, so they are asked once. */
  templates: () =>
    queryOptions({ queryKey: ['templates'], queryFn: () => api.templates(), staleTime: Number.POSITIVE_INFINITY }),
  workflow: (workflow: string, version?: number) =>
    queryOptions({
      queryKey: ['workflow', workflow, version ?? 'newest'],
      queryFn: () => api.workflow({ params: { workflow }, query: { version } }),
    }),
  repositories: () =>
    queryOptions({ queryKey: ['repositories'], queryFn: () => api.repositories(), staleTime: 60_000 }),
  runners: () => queryOptions({ queryKey: ['runners'], queryFn: () => api.runners(), refetchInterval: 30_000 }),
  look: (look: string) => queryOptions({ queryKey: ['look', look], queryFn: () => api.look({ params: { look } }) }),
  connections: () =>
    queryOptions({
      queryKey: ['connections'],
      queryFn: () => api.connections(),
      refetchInterval: 15_000, // when a tool was asked last comes without a note
    }),
  tools: () => queryOptions({ queryKey: ['tools'], queryFn: () => api.tools(), staleTime: 300_000 }),
  sources: () => queryOptions({ queryKey: ['sources'], queryFn: () => api.sources() }),
  deliveryKinds: () =>
    queryOptions({ queryKey: ['delivery-kinds'], queryFn: () => api.deliveryKinds(), staleTime: 60_000 }),
  /** Of the newest version: asked again when a version was saved. */
  proposal: (delivery: string, workflow: string, wanted: 'match' | 'never') =>
    queryOptions({
      queryKey: ['workflow', workflow, 'proposal', delivery, wanted],
      queryFn: () => api.proposeChange({ params: { delivery }, body: { workflow, wanted } }),
    }),
  delivery: (delivery: string) =>
    queryOptions({ queryKey: ['delivery', delivery], queryFn: () => api.delivery({ params: { delivery } }) }),
} as const
