/** How does a worker that rests give back the memory that its work took? V8 collects old garbage only when much has come together. */
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

type Collect = (how: { type: 'major'; execution: 'sync'; flavor: 'last-resort' }) => void

let collect: Collect | null = null

/** Collects all garbage and hands empty pages to the system. Stops this program meanwhile, some 30 ms: for moments in which nothing is at work. */
export const giveMemoryBack = (): void => {
  collect ??= collector()
  collect({ type: 'major', execution: 'sync', flavor: 'last-resort' })
}

/** A context made while the flag is set has `gc`; the program's own has it only when started so. */
const collector = (): Collect => {
  setFlagsFromString('--expose-gc')
  const found = runInNewContext('gc') as Collect
  setFlagsFromString('--no-expose-gc')
  return found
}
