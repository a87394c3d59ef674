/**
 * What do we write at GitHub and GitLab?
 * The workflow's words, then facts in our own, then a marker that the page does not show. Values from outside stand in code: they are no mention, no link and close nothing.
 */
import { revealed } from '../policy/hidden.ts'
import type { Effect } from './port.ts'
import { markerOf } from './hidden-marker.ts'

const most = 60_000

/** A comment, review or issue. */
export const marked = (text: string, { intent }: Effect): string => `${cut(text)}\n\n${markerOf(intent)}`

/** The body of a pull or merge request: the workflow's words first. `opener`: the intent that opened it, when this one changes it. */
export const pullBody = (words: string | null, effect: Effect, opener: string | null = null): string => {
  const { told, page } = effect
  const lines = [
    `Run: ${page}`,
    `From: ${code(told.source.label)}`,
    ...(told.checks === null ? [] : [told.checks]),
    told.approvedBy.length > 0
      ? `Made by Viewport, approved by ${told.approvedBy.map(code).join(', ')}.`
      : 'Made by Viewport; nobody was asked to approve it.',
  ]
  return [
    ...(words ? [cut(words), '---'] : []),
    lines.map((line) => `- ${line}`).join('\n'),
    ...[...new Set([...(opener ? [opener] : []), effect.intent])].map(markerOf),
  ].join('\n\n')
}

/** A code span around one line, whatever it holds (CommonMark 6.1); what a reader would not see is written out. */
export const code = (text: string): string => {
  const line = revealed(text.slice(0, 1_000).toWellFormed()).replace(/\s+/g, ' ').trim().slice(0, 300).toWellFormed()
  const fence = '`'.repeat(Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)) + 1)
  return `${fence} ${line} ${fence}`
}

/** GitHub takes 65,536 characters, GitLab more. */
const cut = (text: string): string => (text.length > most ? `${text.slice(0, most).toWellFormed()}…` : text)
