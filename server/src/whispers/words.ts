/**
 * What does somebody hear whose words began nothing? One line for them alone, in the markup of their tool.
 * Whoever reads it may be nobody whom this workspace knows: it names no workflow, no person and no rule. A guest hears nothing but the no.
 */
import type { StatusMarks } from '@viewportai/core/tools/port'
import type { Reason } from './reason.ts'

const says: Readonly<Record<Reason, string>> = {
  unlinked:
    'Nothing was started: Viewport does not know whose account this is, and what this would start is for people whom it knows.',
  not_allowed: 'Nothing was started: what this would start is not yours to start. An admin of Viewport says who may.',
  no_fit: 'Nothing was started: nothing that is set up here fits this.',
  refused: 'Nothing was started: what this would start cannot begin as it is set up.',
  full: 'Nothing was started: as many of its kind go on as may at once. Ask again later.',
  rests: 'Nothing was started: it was started too often in a short time, and rests.',
  waits: 'It waits for its turn: as many of its kind go on as may at once. It begins by itself.',
}

/** The line. `account`: theirs, as it is linked (`slack:T024BE7LD/U024BE7LH`); `page`: where whoever may see it reads why. */
export const wordsTo = (
  who: 'member' | 'guest',
  reason: Reason,
  { account, page }: { readonly account: string; readonly page: string },
  { quote, link }: StatusMarks,
): string => {
  if (who === 'guest')
    return reason === 'waits' ? says.waits : 'Nothing was started: guests whom Viewport does not know start nothing.'
  const linked =
    reason === 'unlinked' ? ` An admin of Viewport links it: ${quote(`viewport people link @you ${account}`)}.` : ''
  return `${says[reason]}${linked} ${link(page, reason === 'waits' ? 'See it' : 'See why')}`
}
