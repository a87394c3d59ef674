/** Stopping a run: the reason first, then the stop. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { focusHere } from '../look/focus-here.ts'
import { Notice } from '../look/notice.tsx'

export const StopRun = ({ run, onLeave }: { run: string; onLeave: () => void }) => {
  const [reason, setReason] = useState('')
  const stop = useMutation({
    mutationFn: () => api.cancelRun({ params: { run }, body: { reason } }),
    onSuccess: onLeave,
    onSettled: useLookAgain('run'),
  })
  return (
    <Notice tone="stop" title="Stop this run: its processes end, open gates close, nothing more is pushed">
      <form
        className="stopform"
        onSubmit={(event) => {
          event.preventDefault()
          stop.mutate()
        }}
      >
        <label className="sr" htmlFor="reason">
          Reason
        </label>
        <input
          id="reason"
          className="input"
          ref={focusHere}
          maxLength={2_000}
          placeholder="Reason, kept with the run"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && onLeave()}
        />
        <button className="btn sm no" disabled={stop.isPending}>
          Stop the run
        </button>
        <button type="button" className="btn sm" onClick={onLeave}>
          Let it go on
        </button>
        {stop.isError && <span>{asProblem(stop.error).message}</span>}
      </form>
    </Notice>
  )
}
