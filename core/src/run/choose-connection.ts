/**
 * Through which of a workspace's connections to a tool does an effect go?
 * Where the run has used one, that one, or the one that took its place; else the only one that holds the thing. It never guesses, never goes to a connection
 * that does not hold the thing, and does not know secrets: docs/decisions/037-an-effect-goes-where-its-thing-is.md says why.
 */
import { reachOf, serverOf } from '../tools/reach.ts'
import type { About, Reach, Reaching } from '../tools/reaching.ts'

/** A connection to the tool, as it is stored. */
export type Candidate = Reaching & { readonly connection: string; readonly name: string }
/** One that the run has used: its event came by it, or an effect went through it. `gone`: it was removed. */
export type Used = Candidate & { readonly gone: boolean }

export type Question<C extends Candidate = Candidate> = {
  readonly tool: string
  /** What is to be done, for words: `github.open_pr`. */
  readonly action: string
  readonly about: About
  /** All that are there now. */
  readonly candidates: readonly C[]
  /** The one that the very thing is known from: it is named by the event, was made through it, or may have been. */
  readonly bound: Used | null
  /** Others that the run has used, the weightiest first. */
  readonly used: readonly Used[]
  /** A person has seen what is wrong and said "try again". */
  readonly again: boolean
}

export type No = { readonly code: string; readonly summary: string; readonly check: string }
/** `instead`: the name of the one that is gone and that this one stands in for; `sameAccount`: as nobody else at the tool. */
export type ChosenOne<C> = { readonly one: C; readonly instead: string | null; readonly sameAccount: boolean }

/** The connection, or why there is none, in words. */
export const chooseConnection = <C extends Candidate>(question: Question<C>): ChosenOne<C> | No => {
  const { tool, about, candidates, bound, used } = question
  if (bound !== null) {
    const there = candidates.find((one) => one.connection === bound.connection)
    return there ? straight(there) : insteadOf(bound, question)
  }
  if (candidates.length === 0) return notConnected(question)
  const held = holding(tool, candidates, about)
  const before = used.find((one) => {
    const weight = weights[reachOf(tool, one, about)]
    return weight > 0 && held.every((other) => weights[reachOf(tool, other, about)] <= weight)
  })
  if (before) {
    const there = candidates.find((one) => one.connection === before.connection)
    return there ? straight(there) : insteadOf(before, question)
  }
  if (held.length === 1) return straight(held[0]!)
  // The only one there is: its tool says what it lacks, in better words.
  if (candidates.length === 1) return straight(candidates[0]!)
  return held.length === 0 ? nowhere(question) : several(question, held)
}

const straight = <C>(one: C): ChosenOne<C> => ({ one, instead: null, sameAccount: false })

/** What an admin has set outweighs what was seen, which outweighs that nothing says no. */
const weights: Readonly<Record<Reach, number>> = { named: 3, seen: 2, maybe: 1, not: 0 }

/** Those that are set to the thing; where none is, those that have seen it; else those of which nothing says that they do not hold it. */
export const holding = <C extends Reaching>(tool: string, candidates: readonly C[], about: About): C[] => {
  const reached = candidates.map((one) => ({ one, weight: weights[reachOf(tool, one, about)] }))
  const most = Math.max(1, ...reached.map(({ weight }) => weight))
  return reached.filter(({ weight }) => weight === most).map(({ one }) => one)
}

/** The same account at the same server goes on by itself; another account there only when a person says so. */
const insteadOf = <C extends Candidate>(gone: Used, question: Question<C>): ChosenOne<C> | No => {
  const { tool, action, about, again } = question
  const here = question.candidates.filter((one) => serverOf(tool, one) === serverOf(tool, gone))
  const held = holding(tool, here, about)
  const same = held.filter((one) => gone.account !== null && one.account?.id === gone.account.id)
  if (same.length > 0) return { one: same[0]!, instead: gone.name, sameAccount: true }
  if (again && held.length === 1) return { one: held[0]!, instead: gone.name, sameAccount: false }
  const was = `The run has used the connection ${gone.name} to ${tool}${asWhom(gone)}, which was removed`
  if (again && held.length > 1) return several(question, held)
  return {
    code: 'connection_gone',
    summary:
      held.length === 0
        ? `${was}; no other is at ${serverOf(tool, gone) || 'its server'} and holds ${about.target}.`
        : `${was}; ${held.map((one) => `${one.name}${asWhom(one)}`).join(', ')} at the same server ${held.length === 1 ? 'is' : 'are'} of another account.`,
    check:
      held.length === 1
        ? `"Try again" lets ${held[0]!.name} do ${action}.`
        : `Connect the same server as the same account (\`viewport connect ${tool}\`), then try again; or start the work anew by an event of a connection that is there.`,
  }
}

const asWhom = ({ account }: Candidate): string => (account === null ? '' : ` (${account.name})`)

const notConnected = ({ tool, action, about }: Question): No => ({
  code: 'not_connected',
  summary: `${action} needs a connection to ${tool === 'webhook' ? `the webhook target ${about.target}` : tool}, and there is none any more.`,
  check: `Connect it (\`viewport connect ${tool}\`), then try again.`,
})

/** None of them can hold it. */
const nowhere = (question: Question): No => ({
  code: 'no_connection_there',
  summary: `None of the ${question.candidates.length} connections to ${question.tool} (${namesOf(question.tool, question.candidates)}) holds ${question.about.target}.`,
  check: `Connect ${question.tool} where it is, or name it in the connection that is meant${settingWords(question.tool)}, then try again.`,
})

const several = ({ tool, about }: Question, held: readonly Candidate[]): No => ({
  code: 'several_connections',
  summary: `${held.length} connections to ${tool} may hold ${about.target} (${namesOf(tool, held)}), and nothing this run has used says which is meant.`,
  check: `Name it in the one that is meant${settingWords(tool)}, or remove the others, then try again.`,
})

/** The setting by which a connection is set to some things alone. */
const settings: Readonly<Record<string, string>> = {
  github: 'repos=owner/name',
  gitlab: 'projects=group/name',
  linear: 'teams=KEY',
  jira: 'projects=KEY',
  slack: 'channels=name',
}
/** How a connection to this tool is set to a thing (`repos=owner/name`), or null. */
export const settingNaming = (tool: string): string | null => settings[tool] ?? null

const settingWords = (tool: string): string =>
  settings[tool] === undefined ? '' : ` (\`viewport connections change ID --set ${settings[tool]}\`)`

/** With their servers, where they have one. */
export const namesOf = (tool: string, all: readonly Pick<Candidate, 'name' | 'settings'>[]): string =>
  all.map((one) => [one.name, serverOf(tool, one)].filter(Boolean).join(' at ')).join(', ')
