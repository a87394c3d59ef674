/**
 * Which command did a person allow?
 * An ask is named after the text that was asked about and the place it would run in, so that the answer allows exactly this text there, once, whatever
 * the agent's own files say meanwhile.
 */
import { createHash } from 'node:crypto'
import { canonical } from '@viewportai/core/digest/canonical'
import type { CommandPlace } from '@viewportai/core/gate/subject'
import type { AgentTask, Ask, Decision } from './driver.ts'
import { placeOf, type Place } from './place.ts'

const named = (kind: 'command' | 'question', about: unknown): string =>
  `${kind}-${createHash('sha256').update(JSON.stringify(about)).digest('hex').slice(0, 40)}`

const commandNamed = (command: readonly string[] | string, place: Place): string => named('command', { command, place })

/** The ask about a command: an argv, or the text that a shell will read. */
export const commandAsk = (command: readonly string[] | string, place: Place, reason: string): Ask => ({
  ask: commandNamed(command, place),
  argv: typeof command === 'string' ? ['bash', '-c', command] : command,
  cwd: place.cwd,
  where: foundAt(place),
  reason: reason.slice(0, 2_000),
  choices: [],
})

/** A place as it is shown. */
export const foundAt = ({ repository, environment, environmentDigest }: Place): CommandPlace => ({
  repository: repository?.slice(0, 4_096) ?? null,
  environment: environment.slice(0, 200).map((name) => name.slice(0, 200)),
  digest: environmentDigest,
})

/** The ask that is a question. `choices`: answers to choose from, if the agent names some. */
export const questionAsk = (question: string, choices: readonly string[]): Ask => ({
  ask: named('question', question),
  argv: null,
  cwd: null,
  where: null,
  reason: question.slice(0, 4_000),
  choices: choices.slice(0, 20).map((choice) => choice.slice(0, 200)),
})

/**
 * The word about a command that would run in this folder (a path; from the agent's working directory where it is not absolute). `whole`: what a person
 * would be shown and allow, where the lists look at less of it.
 */
export type Decide = (command: readonly string[] | string, cwd?: string, whole?: readonly string[]) => Decision

/**
 * The word about a command, with what people answered before: an allowed command is allowed once, in the place it was asked for. A command that is denied
 * by policy stays so; one that a person refused is not asked about again.
 */
export const decideWith = (task: Pick<AgentTask, 'decide' | 'answers' | 'cwd' | 'env'>): Decide => {
  const { decide, answers } = task
  const allowed = new Set(answers.filter((one) => one.allow).map((one) => one.ask))
  const refused = new Map(answers.filter((one) => !one.allow).map((one) => [one.ask, one.text]))
  return (command, cwd = '.', whole) => {
    const word = decide(command)
    if (word.decision !== 'ask') return word
    const ask = commandNamed(whole ?? command, placeOf(task, cwd))
    if (allowed.delete(ask)) return { decision: 'allow', why: 'a person allowed it, once' }
    if (!refused.has(ask)) return word
    const text = refused.get(ask)
    return { decision: 'deny', why: `a person refused it${text ? `: ${text}` : ''}` }
  }
}

/** A call of a tool of a server: what the lists look at, and the whole of it, which is what a person allows. */
export const serverCall = (server: string, tool: string, input: unknown): { looked: string[]; whole: string[] } => ({
  looked: ['mcp', server, tool],
  whole: ['mcp', server, tool, ...(input === undefined ? [] : [canonical(input)])],
})

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
