/** The alarm about a runner whose key two programs use: what was seen, and what to do. */
import { useMutation } from '@tanstack/react-query'
import type { AnswerOf } from '@viewportai/core/api/client'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import { When } from '../look/when.tsx'

type One = AnswerOf<'runners', Response>['runners'][number]

export const DoubledKey = ({ runner, admin }: { runner: One; admin: boolean }) => {
  const look = useLookAgain('runner')
  const close = useMutation({
    mutationFn: () => api.changeRunner({ params: { runner: runner.id }, body: { lookedAfter: true } }),
    onSettled: look,
  })
  if (!runner.doubled) return null
  return (
    <>
      <Notice
        tone="stop"
        title={`Two programs use the key of ${runner.name}`}
        actions={
          admin && (
            <button type="button" className="btn sm" disabled={close.isPending} onClick={() => close.mutate()}>
              I have looked after it
            </button>
          )
        }
      >
        <When at={runner.doubled.at} as="moment" />: {runner.doubled.why} If nobody knows the other one, the key was
        copied: remove the runner here and pair the machine anew. If both are yours, such as a machine that was cloned,
        end one and pair it with a key of its own.
      </Notice>
      {close.isError && <ProblemNotice problem={asProblem(close.error)} />}
    </>
  )
}
