/** How does a command say for how long a secret of before is taken, and what is told of one? */
import { oldHoursUsually, type OldSecret } from '@viewportai/core/api/old-secrets'
import { Stop } from './exit.ts'
import { ago, inLine } from './terminal.ts'

export const oldForFlag = '--old-for <hours>'
export const oldForSays = `so many hours the one before is taken, 0 to 168: with 0 it ends at once, and every older one (default: ${oldHoursUsually})`

/** Hours as they were typed; undefined: nothing was said. */
export const hoursIn = (typed: string | undefined): number | undefined => {
  if (typed === undefined) return undefined
  const hours = /^\d{1,3}$/.test(typed) ? Number(typed) : Number.NaN
  if (!(hours <= 168))
    throw new Stop('usage', `--old-for ${inLine(typed)} is no number of hours.`, 'Say a whole number from 0 to 168.')
  return hours
}

const moment = (at: number): string => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`

/** `goesOut`: it signs what goes out to a webhook target. `its secret of before is taken until 2026-12-01 14:31 UTC, and signed 3 min ago`. */
export const oldLines = (all: readonly OldSecret[], goesOut = false): string[] =>
  all.map(({ since, until, lastAt }) =>
    goesOut
      ? `messages are signed with the secret that was replaced ${ago(since)} as well, until ${moment(until)}`
      : `the secret that was replaced ${ago(since)} is taken until ${moment(until)}, and ${lastAt === null ? 'signed nothing since' : `signed something ${ago(lastAt)}`}`,
  )

/** What follows a change: until when the one before is taken, and how it is ended. `end`: the command. */
export const afterChange = (all: readonly OldSecret[], end: string, goesOut = false): string[] => {
  if (goesOut)
    return all.length === 0
      ? ['Nothing is signed with the one before any more: until the receiver has the new one, it refuses what comes.']
      : [
          `Messages are signed with the one before as well, until ${moment(all[0]!.until)}. Give the receiver the new one by then; once it has it, end the old one: ${end}`,
        ]
  return all.length === 0
    ? ['The one before is not taken any more.']
    : [
        `The one before is taken until ${moment(all[0]!.until)}. Give the sender the new one by then; once it signs with it, end the old one: ${end}`,
      ]
}
