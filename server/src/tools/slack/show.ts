/**
 * How is a gate shown in Slack to one person alone? In a dialog (a modal view) that opens for whoever pressed the button, and for nobody else.
 * Nothing is chosen beforehand. What they choose comes back signed, with their account. https://docs.slack.dev/surfaces/modals
 */
import type { Tool } from '../port.ts'
import { askSlack } from '@viewportai/core/tools/slack/ask'
import { inCode, ourLink, type Block } from '@viewportai/core/tools/slack/safe-text'
import { wholeSection } from '@viewportai/core/tools/slack/whole-section'

/** By which a dialog of ours is known again, and under which names it holds what was chosen and written. */
export const dialogName = 'viewport_decide'
export const choiceName = 'choice'
export const wordsName = 'words'

const plain = (text: string): Block => ({ type: 'plain_text', text, emoji: false })
const section = (text: string): Block => ({
  type: 'section',
  expand: true,
  text: { type: 'mrkdwn', verbatim: true, text },
})

export const show: NonNullable<Tool['show']> = async (click, dialog, connection, outside) => {
  const { verb, whole, choices, value, page } = dialog
  if (click.opens === null) return 'Nothing is shown: Slack let no dialog be opened. Open it in the inbox.'
  const view = {
    type: 'modal',
    callback_id: dialogName,
    private_metadata: JSON.stringify({ value, on: click.on }),
    title: plain('Decide'),
    submit: plain('Decide'),
    close: plain('Back'),
    blocks: [
      section(inCode(verb, 300)),
      wholeSection(whole),
      { type: 'context', elements: [{ type: 'mrkdwn', verbatim: true, text: ourLink(page, 'The same in the inbox') }] },
      {
        type: 'input',
        block_id: choiceName,
        label: plain('It counts as your decision in Viewport'),
        element: {
          type: 'radio_buttons',
          action_id: choiceName,
          options: choices.map(({ id, label }) => ({ value: id, text: plain(label) })),
        },
      },
      {
        type: 'input',
        block_id: wordsName,
        optional: true,
        label: plain('Words'),
        element: { type: 'plain_text_input', action_id: wordsName, multiline: true, max_length: 3_000 },
      },
    ],
  }
  try {
    // Slack lets it be opened within three seconds.
    const came = await askSlack(
      connection,
      outside,
      'views.open',
      { trigger_id: click.opens, view },
      { timeoutMillis: 3_000 },
    )
    return 'data' in came
      ? null
      : `Nothing is shown: ${'words' in came ? came.words.says : 'Slack took too long.'} Open it in the inbox.`
  } catch {
    return 'Nothing is shown: Slack could not be reached. Press it again, or open it in the inbox.'
  }
}
