/** What does the status of a run say, in the markup of the tool where it stands? Words from outside are quoted, and names call nobody. */
import type { RunStatus } from '@viewportai/core/view/run-status'
import type { Names } from '@viewportai/core/view/board-row'
import type { StatusMarks } from '@viewportai/core/tools/port'

/** The whole text. `base`: address of this Viewport. */
export const statusText = (status: RunStatus, { quote, link }: StatusMarks, names: Names, base: string): string => {
  const waits = status.waits.map((one) => quote(names.label(one)))
  const says =
    status.tone === 'wait'
      ? `Waits for ${waits.length === 0 ? 'somebody' : waits.length > 3 ? `${waits.slice(0, 3).join(', ')} and ${waits.length - 3} more` : waits.join(' or ')} ${status.says}.`
      : status.says
  const links = [
    ...(status.gate === null ? [] : [link(`${base}/inbox/${status.gate}`, 'Open it in the inbox')]),
    link(`${base}/runs/${status.number}`, `Run ${status.number}`),
    ...status.brought.map((one) => link(one.url, one.says)),
  ]
  return [
    `${quote(status.title)}: ${says}${status.why === null ? '' : ` ${quote(status.why)}`}`,
    links.join(' · '),
  ].join('\n\n')
}
