/** How does one leave? The session ends on the server, then everything this page knew is forgotten. */
import { useMutation, useMutationState, useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { api } from '../api/call.ts'
import { asProblem, type Problem } from '../api/problem.ts'
import { forgetDrafts } from '../decide/drafts.ts'

const mutationKey = ['sign-out']

/** Signs out and leads to the door. When nobody ends the session, the page stays: see `useSignOutProblem`. */
export const useSignOut = (): (() => void) => {
  const queries = useQueryClient()
  const navigate = useNavigate()
  const { mutate } = useMutation({
    mutationKey,
    mutationFn: () =>
      api.signOut().catch((error: unknown) => {
        if (asProblem(error).code !== 'not_signed_in') throw error // else there is none any more: that is what was wanted
      }),
    onSuccess: () => {
      forgetDrafts()
      queries.clear()
      return navigate({ to: '/sign-in' })
    },
  })
  return () => mutate()
}

/** Why the session still goes on although one wanted to leave; null when it was not tried or worked. */
export const useSignOutProblem = (): Problem | null => {
  const last = useMutationState({ filters: { mutationKey }, select: (mutation) => mutation.state }).at(-1)
  return last?.status === 'error' ? asProblem(last.error) : null
}
