/**
 * How is one PostgreSQL process launched, and what do its words mean when it ends again?
 */
import { spawn } from 'node:child_process'
import { closeSync, openSync, readSync, statSync, truncateSync } from 'node:fs'
import path from 'node:path'
import type { Binaries } from './binaries.ts'
import { isFull, lastLine } from './cluster.ts'
import type { Place } from './place.ts'
import { serverSettings } from './settings.ts'
import { asUser, type LesserUser } from './user.ts'

export type Attempt = {
  readonly pid: number
  ended(): boolean
  /** Lets this program end without it. */ letGo(): void
  /** What it wrote to its log. */ words(): string
}

/** Launches it on a port, in a session of its own. `settings`: they go before its own; of two the later one counts. */
export const launch = (
  place: Place,
  binaries: Binaries,
  user: LesserUser | null,
  port: number,
  settings: readonly string[] = [],
): Attempt => {
  if ((statSync(place.log, { throwIfNoEntry: false })?.size ?? 0) > 8_000_000) truncateSync(place.log, 0)
  const log = openSync(place.log, 'a', 0o600)
  const from = statSync(place.log).size
  // detached: in a session of its own, so that Ctrl-C in our terminal does not reach it before we have finished with it
  const child = spawn(
    path.join(binaries.folder, 'bin/postgres'),
    ['-D', place.data, '-p', String(port), ...[...serverSettings, ...settings].flatMap((setting) => ['-c', setting])],
    { ...asUser(user), stdio: ['ignore', log, log], detached: true },
  )
  closeSync(log)
  let ended = false
  let failure = ''
  child.once('exit', () => (ended = true))
  child.once('error', (error) => {
    failure = error.message
    ended = true
  })
  return {
    pid: child.pid ?? 0,
    ended: () => ended,
    letGo: () => child.unref(),
    words: () => failure || readFrom(place.log, from),
  }
}

const readFrom = (file: string, from: number): string => {
  const log = openSync(file, 'r')
  try {
    const bytes = Buffer.alloc(16_384)
    return bytes.toString('utf8', 0, readSync(log, bytes, 0, bytes.length, from))
  } finally {
    closeSync(log)
  }
}

/** What to do after it ended: try again, take another port, or give up. */
export const judge = (words: string): 'again' | 'other port' | 'fatal' => {
  if (/could not bind|Address already in use|could not create any TCP/i.test(words)) return 'other port'
  if (/lock file "[^"]*" already exists|pre-existing shared memory block|is another postmaster/i.test(words))
    return 'again' // another start, or children of a killed server still leave
  if (/FATAL|PANIC|cannot|could not/i.test(words)) return 'fatal'
  return 'again'
}

/** The reason in words a person can act on. */
export const explain = (words: string, place: Place): string => {
  if (/Permission denied|wrong ownership|must be owned by|has invalid permissions/i.test(words))
    return `its folder ${place.data} does not belong to the user who runs it (was Viewport started as another user before?). ${fatalLine(words)}`
  if (/initialized by PostgreSQL version/i.test(words))
    return `the data in ${place.data} was made by another PostgreSQL version. Use the Viewport version that made it, run "viewport backup", and restore with this one.`
  if (/could not create shared memory|No space left.*shared|out of memory|Cannot allocate memory/i.test(words))
    return `the system does not give it memory. ${fatalLine(words)}`
  if (isFull(place.folder, words))
    return `the disk is full. Free some space for ${place.folder} and start again; nothing is lost.`
  return `${fatalLine(words)}. The whole story is in ${place.log}.`
}

const fatalLine = (words: string): string =>
  words
    .split('\n')
    .find((line) => /FATAL|PANIC/.test(line))
    ?.replace(/^.*?(FATAL|PANIC):\s*/, '') ?? lastLine(words)
