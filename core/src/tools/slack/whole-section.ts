/** How do lines stand in Slack so that a reader sees all of them? In a block of code, which Slack must not fold away behind *See more*. */
import { inBlock, type Block } from './safe-text.ts'

/** One section. The lines hold no fence and are 2,000 characters at most. */
export const wholeSection = (lines: readonly string[]): Block => ({
  type: 'section',
  expand: true,
  text: { type: 'mrkdwn', verbatim: true, text: inBlock(lines.join('\n')) },
})
