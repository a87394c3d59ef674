/** How does one leave? The session ends on the server, then everything this page knew is forgotten. */
import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../api/call.ts'

export const useSignOut = (): (() => void) => {
  const queries = useQueryClient()
  const navigate = useNavigate()
  return () => {
    void api
      .signOut()
      .catch(() => undefined) // no session any more: that is what was wanted
      .then(() => {
        queries.clear()
        return navigate({ to: '/sign-in' })
      })
  }
}
