/**
 * Why does nobody do this piece of work yet, runner by runner?
 * Pure: the words go to the run page, the board, the command line and the API. It never decides who gets what.
 */
import { lacks, type Offered, type Wanted } from './fit.ts'

/** A runner as it is now. */
export type Present = Offered & {
  online: boolean
  state: string
  /** Milliseconds since 1970; null: it has not come online yet. */
  seen: number | null
  /** Pieces of work that it holds. */
  busy: number
}

/** What keeps one runner from this work: what it lacks, and whether it is there. */
export type Unfit = { runner: string; lacks: string[] }

/** Every runner of the workspace with what is missing, the nearest first. Empty: none is paired. A runner that takes the work with its next breath lacks nothing. */
export const unfitRunners = (work: Wanted, runners: readonly Present[]): Unfit[] =>
  runners
    .map((runner) => {
      const missing = lacks(work, runner)
      return { runner: runner.name, missing: missing.length, lacks: [...missing, ...absent(runner)] }
    })
    .toSorted((a, b) => a.missing - b.missing || a.lacks.length - b.lacks.length || (a.runner < b.runner ? -1 : 1))
    .map((one) => ({ runner: one.runner, lacks: one.lacks }))

/** Why one that has all that is asked for does not take work now. */
const absent = (runner: Present): string[] => {
  if (!runner.online)
    return [runner.seen === null ? 'it has not come online yet' : `it is away since ${atOf(runner.seen)}`]
  if (runner.state === 'draining') return ['it drains and takes no new work']
  const { slots, takesNoWork } = runner.capabilities
  if (takesNoWork !== undefined) return [`it takes no work: ${takesNoWork}`]
  return runner.busy >= slots ? [`a free slot (${slots === 1 ? 'its one is' : `all ${slots} are`} busy)`] : []
}

const atOf = (millis: number): string =>
  new Date(millis)
    .toISOString()
    .replace(/:\d\d\.\d{3}Z$/, ' UTC')
    .replace('T', ' ')

/** So many runners are named in one sentence; a page names all. */
const named = 4

/**
 * The one sentence. Null when somebody takes it with the next breath. `full`: repositories of this work on which as much is done as
 * may be, with their limit.
 */
export const whyWaiting = (
  work: Wanted,
  runners: readonly Present[],
  full: readonly { name: string; atOnce: number }[] = [],
): string | null => {
  if (runners.length === 0) return `No runner fits: no runner is paired. Run \`vpd pair --worker\` on a machine.`
  const fits = runners.filter((runner) => lacks(work, runner).length === 0)
  const there = fits.filter((runner) => runner.online && runner.state === 'active' && !runner.capabilities.takesNoWork)
  if (there.length > 0) {
    const [limit] = full
    if (limit)
      return `Waits for ${limit.name}: no more than ${limit.atOnce} ${limit.atOnce === 1 ? 'piece' : 'pieces'} of work may touch it at once.`
    if (there.some((runner) => runner.busy < runner.capabilities.slots)) return null
    return `Waits for a free slot on ${listed(there.map((runner) => runner.name))}.`
  }
  // The sentence must not change while nothing does, so it says that a runner is away, and the page since when.
  if (fits.length > 0) return `No runner fits now: ${listed(fits.map((one) => `${one.name} ${hindered(one)}`))}.`
  const rated = runners
    .map((runner) => ({ runner, missing: lacks(work, runner) }))
    .toSorted((a, b) => a.missing.length - b.missing.length || (a.runner.name < b.runner.name ? -1 : 1))
  const words = rated.slice(0, named).map(({ runner, missing }) => `${runner.name} lacks ${missing.join(', ')}`)
  const more = rated.length - words.length
  return `No runner fits: ${words.join('; ')}${more > 0 ? `; and ${more} more` : ''}.`
}

const hindered = ({ online, state, capabilities }: Present): string => {
  if (!online) return 'is away'
  if (state === 'draining' || capabilities.takesNoWork === undefined) return 'drains'
  return `takes no work (${capabilities.takesNoWork})`
}

const listed = (words: readonly string[]): string =>
  words.length <= named ? words.join(', ') : `${words.slice(0, named).join(', ')} and ${words.length - named} more`
