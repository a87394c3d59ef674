/**
 * What of a check is believed of a runner that does not work on the run?
 * Its name and its end, as words of a list: no sentence, no link, no text.
 */
import { plainName } from '../tools/forge-sight.ts'
import type { CheckSeen } from './pull-seen.ts'

/** Name and end of a check, where they are ones; else words of our own. */
export const onlyItsEnd = ({
  name,
  conclusion,
}: Pick<CheckSeen, 'name' | 'conclusion'>): Pick<CheckSeen, 'name' | 'conclusion' | 'url' | 'text'> => ({
  name: plainName(name),
  conclusion: /^[a-z_]{1,40}$/.test(conclusion) ? conclusion : 'an unusual end',
  url: null,
  text: '',
})
