/** How is something said in Slack to one person alone? In the channel of the button they pressed; it is there until they reload. */
import type { Tool } from '../port.ts'
import { askSlack } from '@viewportai/core/tools/slack/ask'
import { placeIn } from '@viewportai/core/tools/slack/message'
import { inCode } from '@viewportai/core/tools/slack/safe-text'

export const whisper: NonNullable<Tool['whisper']> = async ({ by, on }, words, connection, outside) => {
  const place = on === null ? null : placeIn(on)
  if (place === null) return
  // When it does not arrive the message itself still shows what was decided.
  await askSlack(connection, outside, 'chat.postEphemeral', {
    channel: place.channel,
    user: by.split('/')[1]!,
    ...(place.thread === null || place.thread === place.message ? {} : { thread_ts: place.thread }),
    text: `Viewport: ${inCode(words, 500)}`,
  }).catch(() => undefined)
}
