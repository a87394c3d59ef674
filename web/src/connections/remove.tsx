/** Ends a connection: what that means, and asked once more where runs still use it. */
import { useMutation } from '@tanstack/react-query'
import { useState, type MouseEvent } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem, type Problem } from '../api/problem.ts'
import { focusHere } from '../look/focus-here.ts'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import type { Connection } from './connect-form.tsx'

export const RemoveConnection = ({
  connection,
  title,
  onKeep,
}: {
  connection: Connection
  /** What people call its tool. */
  title: string
  onKeep: () => void
}) => {
  const [refused, setRefused] = useState<Problem | null>(null)
  const look = useLookAgain('connection')
  const remove = useMutation({
    mutationFn: (confirmed: boolean) =>
      api.removeConnection({
        params: { connection: connection.id },
        query: confirmed ? { confirmed: 'true' } : {},
      }),
    onError: (error) => setRefused(asProblem(error)),
    onSettled: look,
  })
  // The second press of a double click is no second word: an answer may come between the two.
  const press = (confirmed: boolean) => (event: MouseEvent) => {
    if (event.detail < 2) remove.mutate(confirmed)
  }
  if (refused?.code === 'connection_in_use')
    return (
      <Notice
        tone="stop"
        title={refused.message}
        alert
        actions={
          <>
            <button ref={focusHere} type="button" className="btn sm" onClick={onKeep}>
              Keep it
            </button>
            <button type="button" className="btn sm no" disabled={remove.isPending} onClick={press(true)}>
              {remove.isPending ? 'Removing …' : 'Remove it all the same'}
            </button>
          </>
        }
      >
        What they have still to do there will ask a person, unless the same account is connected again. Or wait until
        they have ended.
      </Notice>
    )
  return (
    <>
      <div className="field">
        <span className="stop">Its secrets are erased; workflows that need {title} are not ready any more.</span>
        <button type="button" className="btn sm no" disabled={remove.isPending} onClick={press(false)}>
          {remove.isPending ? 'Removing …' : `Remove ${connection.name}`}
        </button>
        <button type="button" className="btn sm" onClick={onKeep}>
          Keep it
        </button>
      </div>
      {refused && <ProblemNotice problem={refused} />}
    </>
  )
}
