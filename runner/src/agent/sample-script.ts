/**
 * How shall the sample agent behave? Read from the file `sample-script` in the runner's home, at every start of the agent.
 * Words separated by blanks, commas or lines: `[mode][@round][#attempt]:switch[=value]`, e.g. `edit@1:wrong-fix plan:slow=500 edit#1:die`. `#` alone begins no comment.
 */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { failed } from '../work/failure.ts'
import { switches, type Switch } from './sample-messages.ts'

/** The switches that hold for this mode, round and attempt. Throws WorkFailed `sample_script` on a word it does not know. */
export const readScript = async (home: string, mode: string, round: number, attempt: number): Promise<Switch[]> => {
  const text = await readFile(path.join(home, 'sample-script'), 'utf8').catch(() => '')
  return text
    .split(/[\s,]+/)
    .filter(Boolean)
    .flatMap((word) => {
      const read = /^(plan|read|edit|review)?(?:@(\d+))?(?:#(\d+))?:([a-z-]+)(?:=(.*))?$/.exec(word)
      const name = read?.[4] ?? ''
      if (!read || !Object.hasOwn(switches, name))
        throw failed(
          'agent',
          'sample_script',
          `The sample agent does not know ${JSON.stringify(word)} in its sample-script.`,
          `Use [mode][@round][#attempt]:switch with one of ${Object.keys(switches).join(', ')}.`,
        )
      const fits =
        (read[1] ?? mode) === mode && Number(read[2] ?? round) === round && Number(read[3] ?? attempt) === attempt
      return fits ? [{ name, value: read[5] ?? '' }] : []
    })
}
