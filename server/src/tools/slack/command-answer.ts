/** What does somebody see who typed a command of ours? Words for them alone: what it started, or why nothing, with a link. */
import type { Stood } from '../port.ts'
import { inCode, ourLink } from '@viewportai/core/tools/slack/safe-text'

/** The answer Slack shows to whoever typed it, and to nobody else. `stood` null: it is not worked on yet. */
export const answerFor = ({ page, stood }: Stood): { media: string; body: string } => {
  const words =
    stood === null
      ? 'Viewport has it and looks which workflow it starts.'
      : stood.runs.length > 0
        ? `Viewport: ${inCode(stood.verdict, 300)} ${stood.runs.map((run) => ourLink(run.page, `Run ${run.number}`)).join(' ')}`
        : `Viewport: ${inCode(stood.verdict, 300)}${stood.who === null ? '' : ` ${stood.who}`}`
  return {
    media: 'application/json; charset=utf-8',
    body: JSON.stringify({
      response_type: 'ephemeral',
      text: `${words} ${ourLink(page, stood?.runs.length ? 'Why' : 'See why')}`,
      unfurl_links: false,
    }),
  }
}
