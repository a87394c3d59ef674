/** What does somebody see who typed a command of ours? Words for them alone: what it started, or why nothing, with a link. */
import type { Stood } from '../port.ts'
import { inCode, ourLink } from '@viewportai/core/tools/slack/safe-text'
import { wordsTo } from '../../whispers/words.ts'
import { aside } from './aside.ts'

/** The answer Slack shows to whoever typed it, and to nobody else. `stood` null: it is not worked on yet. */
export const answerFor = ({ page, stood }: Stood): { media: string; body: string } => {
  return {
    media: 'application/json; charset=utf-8',
    body: JSON.stringify({ response_type: 'ephemeral', text: wordsFor(page, stood), unfurl_links: false }),
  }
}

const wordsFor = (page: string, stood: Stood['stood']): string => {
  const why = ourLink(page, stood?.runs.length ? 'Why' : 'See why')
  if (stood === null) return `Viewport has it and looks which workflow it starts. ${why}`
  const { runs, stranger, verdict } = stood
  const links = runs.map((run) => ourLink(run.page, `Run ${run.number}`)).join(' ')
  if (stranger === null) return `Viewport: ${inCode(verdict, 300)}${links === '' ? '' : ` ${links}`} ${why}`
  if (runs.length > 0) return `Viewport works on it. ${links}`
  const { reason, isGuest, account } = stranger
  if (reason === null) return `Nothing was started. ${why}`
  return wordsTo(isGuest ? 'guest' : 'member', reason, { account, page }, aside.marks)
}
