/** Starts the app. */
import '@fontsource-variable/inter/wght.css'
import '@fontsource-variable/jetbrains-mono'
import './look/tokens.css'
import './look/ground.css'
import './look/marks.css'
import './look/controls.css'
import './look/parts.css'
import './frame/frame.css'
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { z } from 'zod'
import { doubt } from './api/live.ts'
import { asProblem } from './api/problem.ts'
import { makeRouter } from './frame/router.tsx'

z.config({ jitless: true }) // the content security policy allows no code made from text

const patience = 3 // times that a question is asked again when nobody answered
/** Nobody answered: the shortest question of all tells whether anybody is there. */
const askWhether = (error: unknown): void => {
  if (asProblem(error).code === 'unreachable') void queries.refetchQueries({ queryKey: ['status'] })
}
window.addEventListener('offline', () => void queries.refetchQueries({ queryKey: ['status'] }))
const queries = new QueryClient({
  mutationCache: new MutationCache({ onError: askWhether }),
  queryCache: new QueryCache({
    onError: (error, query) => {
      if (query.queryKey[0] === 'status' && asProblem(error).code === 'unreachable') doubt()
      // The session ended: asking who one is again leads to the door.
      if (query.queryKey[0] !== 'me' && queries.getQueryData(['me']) && asProblem(error).code === 'not_signed_in')
        void queries.invalidateQueries({ queryKey: ['me'] })
    },
  }),
  // Asked whatever the browser thinks of its network: a Viewport of this machine answers without one.
  // And a vote that cannot be sent now is refused now: it is never kept and sent later.
  defaultOptions: {
    queries: {
      networkMode: 'always',
      staleTime: 2_000,
      retry: (failures, error) => {
        if (failures === 0) askWhether(error)
        return asProblem(error).code === 'unreachable' && failures < patience
      },
      retryDelay: (failures) => 500 * 2 ** failures,
    },
    mutations: { networkMode: 'always', retry: false },
  },
})

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element with the id "root".')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <RouterProvider router={makeRouter()} />
    </QueryClientProvider>
  </StrictMode>,
)
