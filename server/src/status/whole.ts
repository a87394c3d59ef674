/**
 * Can a gate be shown whole in a message or a dialog of a chat, and in which lines?
 * Every word of its subject, or nothing: what is long, what a reader would not see, and what rests on a body at the edge is opened in the inbox. The
 * page marks hidden signs, look-alikes and whose words are whose; a chat cannot, so what would need such a mark is not shown there.
 */
import { sha256Hex } from '@viewportai/core/digest/canonical'
import { bodyIn, type Subject } from '@viewportai/core/gate/subject'
import { firstHidden, isPlainAscii } from '@viewportai/core/policy/hidden'
import { argvLine } from '@viewportai/core/view/argv-line'

const most = 2_000
const linesAtMost = 60
/** Slack's own limits of a list of choices. */
const choicesAtMost = 10
const labelAtMost = 60 // 75, less what says that words are needed

/** The lines, or null: it cannot be shown whole. */
export const wholeOf = (subject: Subject): string[] | null => {
  if (bodyIn(subject) !== null && !saysAllOfIt(subject)) return null
  const lines = linesOf(subject)
  return lines !== null && isPlain(lines.join('\n')) ? lines : null
}

/** An agent's question lies at the edge as a body, too: is the text that we have all of it? */
const saysAllOfIt = (subject: Subject): boolean =>
  subject.kind === 'question' && subject.body === sha256Hex(`${subject.text}\n`)

const linesOf = (subject: Subject): string[] | null => {
  switch (subject.kind) {
    case 'action':
      return actionLines(subject)
    case 'command':
      return commandLines(subject)
    case 'question':
      return questionLines(subject)
    case 'plan':
    case 'change':
      return null
  }
}

/** Tools at which an action is a few words. What a webhook carries is for programs. */
const short = /^(slack|linear|jira|github|gitlab)\./

const actionLines = ({ action, target, params }: Extract<Subject, { kind: 'action' }>): string[] | null =>
  short.test(action)
    ? [
        `${action} on ${target}`,
        ...Object.entries(params).map(
          ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
        ),
      ]
    : null

/** A program reads it, so that no letter may look like another one. */
const commandLines = ({ argv, cwd, where, reason }: Extract<Subject, { kind: 'command' }>): string[] | null => {
  const lines = [
    `Run: ${argvLine(argv)}`,
    `In: ${JSON.stringify(cwd)}`,
    ...(where ? [`Repository there: ${where.repository === null ? 'none' : JSON.stringify(where.repository)}`] : []),
    ...(where && where.environment.length > 0 ? [`With the variables: ${where.environment.join(', ')}`] : []),
  ]
  return argv.every(isPlain) && isPlainAscii(lines.join(' '))
    ? [...lines, ...(reason === null ? [] : [`The agent says why: ${reason}`])]
    : null
}

/** What outside text is let by, and what reviews and CI said, is read on the page, which shows whose words are whose; what runs as a check, or was done at a tool, is looked at first. */
const notHere = (about: string): boolean =>
  ['tainted', 'breaker', 'no_checks', 'route', 'rounds'].includes(about) || about.startsWith('effect:')

const questionLines = ({ about, text, choices }: Extract<Subject, { kind: 'question' }>): string[] | null =>
  notHere(about) ||
  choices.length > choicesAtMost ||
  choices.some(({ label }) => label.length > labelAtMost || label.trim() === '' || !isPlain(label))
    ? null
    : [about === 'agent' ? 'The agent asks:' : 'Viewport asks:', ...text.split('\n')]

/** Is there nothing in it that a reader would not see, or would take for something else? */
const isPlain = (text: string): boolean =>
  text.length <= most &&
  text.split('\n').length <= linesAtMost &&
  text.isWellFormed() &&
  firstHidden(text) === null &&
  !text.includes('```') &&
  !odd.test(text) &&
  !(text.match(words) ?? []).some((word) => latin.test(word) && likeLatin.test(word))

/** Blanks that are none of the keyboard's, blanks and empty lines that push the rest out of sight, heaps of marks, letters of other alphabets made to look plain. */
const odd = /[^\S \n\t]|[ \t]{12}|\n\s*\n\s*\n\s*\n|\p{Mn}{3}|[\uff01-\uff5e\u{1d400}-\u{1d7ff}]/u
const words = /[\p{L}\p{M}\p{N}_]+/gu
const latin = /\p{Script=Latin}/u
const likeLatin =
  /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}\p{Script=Lisu}\p{Script=Coptic}]/u
