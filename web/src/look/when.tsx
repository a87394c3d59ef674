/** A time on the page: short to read, exact on focus or pointer, machine-readable. */
import { useNow } from '../api/clock.ts'
import { ago, clockWithSeconds, exact, moment, shortAge } from './ages.ts'

const forms = { age: shortAge, ago, moment, second: (at: number) => clockWithSeconds(at) } as const

export const When = ({ at, as }: { at: number; as: keyof typeof forms }) => {
  const now = useNow()
  return (
    <time dateTime={new Date(at).toISOString()} title={exact(at)}>
      {forms[as](at, now)}
    </time>
  )
}
