/** A runner on which nothing walls agents off: what that means, who accepted it, and for an admin the way to do or undo it. */
import { useMutation } from '@tanstack/react-query'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { ProblemNotice } from '../look/notice.tsx'
import { When } from '../look/when.tsx'

type One = AnswerOf<'runners', Response>['runners'][number]

/** What an admin accepts; the same words where a runner is paired. */
export const noWallMeans =
  'An agent there may read and change what the account of the runner may, a browser signed in to Viewport included. Decisions at gates of its runs are advisory.'

export const WithoutWall = ({ runner, admin }: { runner: One; admin: boolean }) => {
  const [asking, setAsking] = useState(false)
  const look = useLookAgain('runner')
  const change = useMutation({
    mutationFn: (acceptNoWall: boolean) => api.changeRunner({ params: { runner: runner.id }, body: { acceptNoWall } }),
    onSuccess: () => setAsking(false),
    onSettled: look,
  })
  return (
    <>
      <p className="wait">
        {runner.noWall ? (
          <>
            Accepted without a wall by {runner.noWall.by}, <When at={runner.noWall.at} as="moment" />. Gates of its runs
            are advisory.
          </>
        ) : (
          'Nothing walls agents off here: it gets no work for agents.'
        )}
      </p>
      {asking && <p className="dim">{noWallMeans}</p>}
      {admin && (
        <div className="row-of">
          {runner.noWall ? (
            <button type="button" className="link" disabled={change.isPending} onClick={() => change.mutate(false)}>
              Require a wall<span className="sr"> on {runner.name}</span>
            </button>
          ) : asking ? (
            <>
              <button
                type="button"
                className="btn sm no"
                disabled={change.isPending}
                onClick={() => change.mutate(true)}
              >
                Accept {runner.name} without a wall
              </button>
              <button type="button" className="btn sm" onClick={() => setAsking(false)}>
                Keep it so
              </button>
            </>
          ) : (
            <button type="button" className="link" onClick={() => setAsking(true)}>
              Accept without a wall<span className="sr">: {runner.name}</span>
            </button>
          )}
        </div>
      )}
      {change.isError && <ProblemNotice problem={asProblem(change.error)} />}
    </>
  )
}
