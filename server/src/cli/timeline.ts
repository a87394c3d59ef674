/** How is what happened in a run told in lines, as it happens? */
import { setTimeout as sleep } from 'node:timers/promises'
import type { TimelineItem } from '@viewportai/core/view/shapes'
import type { Api } from './connect.ts'
import { Stop } from './exit.ts'
import { inLine, type Terminal } from './terminal.ts'

const lookEvery = 500 // milliseconds

/** Prints the timeline of a run until it has ended. Gives the outcome. */
export const followTimeline = async (api: Api, terminal: Terminal, run: string): Promise<string> => {
  let after = 0
  for (;;) {
    // The run first: what is written until its end is then in the timeline that is read afterwards.
    const { outcome } = await api.run({ params: { run } })
    const { items, last } = await api.timeline({ params: { run }, query: { after } })
    for (const item of items) terminal.line(timelineLine(terminal, item))
    after = Math.max(after, last)
    if (outcome !== null) return outcome
    await sleep(lookEvery)
  }
}

/** The result of following a run to its end. Throws a `Stop` with it unless the run succeeded. */
export const giveEnd = (terminal: Terminal, ended: { run: string; number: number; outcome: string }): void => {
  if (ended.outcome !== 'succeeded')
    throw new Stop('refused', `Run ${ended.number} ended: ${ended.outcome}.`, null, {}, ended)
  terminal.give(ended, () => {})
}

const marks = { dot: '·', agent: '◆', person: '●' } as const

/** One line: when, who, what; evidence after it. */
export const timelineLine = (terminal: Terminal, item: TimelineItem): string => {
  const at = new Date(item.at).toTimeString().slice(0, 8)
  const tone = item.tone === 'taint' ? 'wait' : item.tone
  const gate = item.gate === null ? '' : terminal.paint('dim', `  ${item.gate}`)
  const evidence = item.evidence === null ? '' : terminal.paint('dim', `  ${inLine(item.evidence)}`)
  const words = inLine(item.rest).trim()
  const rest = words === '' ? '' : /^[,.;:]/.test(words) ? words : ` ${words}`
  return `${terminal.paint('dim', at)}  ${item.indent ? '  ' : ''}${terminal.paint(tone, marks[item.mark])} ${terminal.paint('bold', inLine(item.bold))}${rest}${evidence}${gate}`
}
