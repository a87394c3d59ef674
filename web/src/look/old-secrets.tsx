/** Secrets of before that are still taken: until when, whether anything is signed with them yet, and their end. For webhook sources and connections alike. */
import { useMutation } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { oldHoursUsually, type OldSecret } from '@viewportai/core/api/old-secrets'
import { asProblem } from '../api/problem.ts'
import { ProblemNotice } from './notice.tsx'
import { When } from './when.tsx'

export const OldSecrets = ({
  all,
  of,
  onEnd,
  goesOut = false,
}: {
  all: readonly OldSecret[]
  /** Whose they are, for who hears the button. */
  of: string
  /** Ends them now; null: the reader may not. */
  onEnd: (() => Promise<unknown>) | null
  /** They sign what goes out. */
  goesOut?: boolean
}) => {
  const [asked, setAsked] = useState(false)
  const end = useMutation({ mutationFn: () => onEnd!(), onSettled: () => setAsked(false) })
  if (all.length === 0) return end.isError ? <ProblemNotice problem={asProblem(end.error)} /> : null
  return (
    <div className="old-secrets">
      {all.map(({ since, until, lastAt }) => (
        <p key={since} className="wait">
          The secret replaced <When at={since} as="ago" /> {goesOut ? 'signs as well' : 'is taken'} until{' '}
          <When at={until} as="moment" />
          {goesOut ? (
            '.'
          ) : lastAt === null ? (
            '. Nothing was signed with it since.'
          ) : (
            <>
              , and signed something <When at={lastAt} as="ago" />.
            </>
          )}
        </p>
      ))}
      {onEnd !== null &&
        (asked ? (
          <div className="field">
            <span className="stop">
              {goesOut
                ? 'A receiver that has no newer one refuses what comes from now on.'
                : `What is signed with ${all.length === 1 ? 'it' : 'one of them'} is refused from now on.`}
            </span>
            <button
              type="button"
              className="btn sm no"
              // oxlint-disable-next-line jsx-a11y/no-autofocus -- the button that was pressed is gone
              autoFocus
              disabled={end.isPending}
              onClick={() => end.mutate()}
            >
              End {all.length === 1 ? 'it' : 'them'}
            </button>
            <button type="button" className="btn sm" onClick={() => setAsked(false)}>
              Keep {goesOut ? '' : 'taking '}
              {all.length === 1 ? 'it' : 'them'}
            </button>
          </div>
        ) : (
          <button
            type="button"
            className="btn sm"
            aria-label={
              all.length === 1 ? `End it now: the old secret of ${of}` : `End them now: the old secrets of ${of}`
            }
            onClick={() => setAsked(true)}
          >
            End {all.length === 1 ? 'it' : 'them'} now
          </button>
        ))}
      {end.isError && <ProblemNotice problem={asProblem(end.error)} />}
    </div>
  )
}

const spans: readonly (readonly [hours: number, words: string])[] = [
  [1, 'one hour'],
  [oldHoursUsually, '24 hours'],
  [168, 'a week'],
  [0, 'no time: it leaked'],
]

/** For how long is the one before taken (hours)? */
export const OldFor = ({
  hours,
  onChange,
  goesOut = false,
}: {
  hours: number
  onChange: (hours: number) => void
  /** It signs what goes out, beside the new one. */
  goesOut?: boolean
}) => {
  const id = useId()
  return (
    <span className="old-for">
      <label className="dim" htmlFor={id}>
        {goesOut ? 'The one before signs as well for' : 'The one before is taken for'}
      </label>
      <select id={id} className="select" value={hours} onChange={(event) => onChange(Number(event.target.value))}>
        {spans.map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </select>
    </span>
  )
}
