/**
 * Which command did a person allow?
 * An ask is named after the text that was asked about, so that the answer allows exactly this text, once, whatever the agent's own files say meanwhile.
 */
import { createHash } from 'node:crypto'
import type { AgentTask, Ask, Decision } from './driver.ts'

const named = (kind: 'command' | 'question', about: unknown): string =>
  `${kind}-${createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 40)}`

/** The ask about a command: an argv, or the text that a shell will read. `cwd`: from the agent's working directory. */
export const commandAsk = (command: readonly string[] | string, cwd: string, reason: string): Ask => ({
  ask: named('command', command),
  argv: typeof command === 'string' ? ['bash', '-c', command] : command,
  cwd,
  reason: reason.slice(0, 2_000),
  choices: [],
})

/** The ask that is a question. `choices`: answers to choose from, if the agent names some. */
export const questionAsk = (question: string, choices: readonly string[]): Ask => ({
  ask: named('question', question),
  argv: null,
  cwd: null,
  reason: question.slice(0, 4_000),
  choices: choices.slice(0, 20).map((choice) => choice.slice(0, 200)),
})

/**
 * The word about a command, with what people answered before: an allowed command is allowed once. A command that is denied by policy stays so;
 * one that a person refused is not asked about again.
 */
export const decideWith = ({ decide, answers }: Pick<AgentTask, 'decide' | 'answers'>) => {
  const allowed = new Set(answers.filter((one) => one.allow).map((one) => one.ask))
  const refused = new Map(answers.filter((one) => !one.allow).map((one) => [one.ask, one.text]))
  return (command: readonly string[] | string): Decision => {
    const word = decide(command)
    if (word.decision !== 'ask') return word
    const ask = named('command', command)
    if (allowed.delete(ask)) return { decision: 'allow', why: 'a person allowed it, once' }
    if (!refused.has(ask)) return word
    const text = refused.get(ask)
    return { decision: 'deny', why: `a person refused it${text ? `: ${text}` : ''}` }
  }
}

/** What a parked session is told when it goes on. `asked`: what the agent had asked, as it remembers it. */
export const answersText = (answers: AgentTask['answers'], asked: { ask: string; text: string } | null): string =>
  answers
    .map((one) => {
      const about = asked?.ask === one.ask ? `\n\n${asked.text}\n\n` : ' '
      const words = one.text ? ` They wrote: ${one.text}` : ''
      if (one.ask.startsWith('question-'))
        return one.allow
          ? `You asked a person:${about}The answer is: ${one.text ?? 'yes'}`
          : `You asked a person:${about}They gave no answer.${words} Go on as well as you can without it.`
      return one.allow
        ? `You were waiting for a person to allow this command:${about}It is allowed, once, exactly as it stands.${words} Run it now, then go on with your work.`
        : `You were waiting for a person to allow this command:${about}It was refused.${words} Do not try it in another way. Go on without it, or end and say what is missing.`
    })
    .join('\n\n')
