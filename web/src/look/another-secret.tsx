/** Asks for another secret: for how long the one before is taken, and the press that makes it. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { oldHoursUsually } from '@viewportai/core/api/old-secrets'
import { asProblem } from '../api/problem.ts'
import { ProblemNotice } from './notice.tsx'
import { OldFor } from './old-secrets.tsx'

export const AnotherSecret = <Made,>({
  make,
  onMade,
  onEnd,
  goesOut = false,
}: {
  make: (oldHours: number) => Promise<Made>
  onMade: (made: Made) => void
  onEnd: () => void
  /** It signs what goes out. */
  goesOut?: boolean
}) => {
  const [hours, setHours] = useState(oldHoursUsually)
  const send = useMutation({ mutationFn: () => make(hours), onSuccess: onMade })
  return (
    <form
      className="field another-secret"
      onSubmit={(event) => {
        event.preventDefault()
        send.mutate()
      }}
    >
      <OldFor hours={hours} onChange={setHours} goesOut={goesOut} />
      <button
        className="btn sm"
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- whoever asked for it goes on here
        autoFocus
        disabled={send.isPending}
      >
        Make a new secret
      </button>
      <button type="button" className="btn sm" onClick={onEnd}>
        Keep this one
      </button>
      <span className="limit">
        {goesOut
          ? hours === 0
            ? 'Shown once. The receiver refuses what comes until it has the new one.'
            : 'Shown once. Until then messages carry both signatures, and a receiver takes them by either.'
          : hours === 0
            ? 'Shown once. What the sender signs is refused until it has the new one.'
            : 'Shown once. Until the sender has it, what it signs with the one before is taken.'}
      </span>
      {send.isError && <ProblemNotice problem={asProblem(send.error)} />}
    </form>
  )
}
