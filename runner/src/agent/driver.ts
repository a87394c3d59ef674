/**
 * How does vpd work with any agent?
 * One interface. A driver starts the agent's program, hands it the work, and says what came of it. Safety never rests on a driver or an agent.
 */
import type { Usage } from '@viewportai/core/run/facts'
import type { CommandPlace } from '@viewportai/core/gate/subject'
import type { Feedback } from '@viewportai/core/wire/job'
import type { DetectedAgent } from '@viewportai/core/wire/messages'
import type { ModelAccess } from '../model/access.ts'
import type { Wall } from '../walls/wall.ts'
import type { LoadedSettings } from '../settings/given.ts'
import type { AgentEvent } from './event.ts'

export type Mode = DetectedAgent['modes'][number]

/** By whom an ability is kept: by vpd whatever the agent does, by the agent, by words in the prompt, or not at all. */
export type Kept = 'vpd' | 'agent' | 'prompt' | 'none'
export type Abilities = {
  /** Plan, read and review change nothing that leaves the step. */
  readonly readOnly: Kept
  /** A push goes nowhere without a decision. */
  readonly pushes: Kept
  /** The command lists of the workflow are asked before a command runs. */
  readonly commands: Kept
  /** It can ask a person and wait, parked. */
  readonly asks: Kept
  /** It can go on in the same session with answers and comments. */
  readonly resumes: Kept
  /** Tokens and cost are known. */
  readonly usage: Kept
  readonly timeLimit: Kept
  readonly network: Kept
  readonly files: Kept
}

/** One piece of context as the agent gets it. */
export type GivenContext = {
  readonly id: string
  readonly title: string
  readonly path: string
  readonly lines: readonly [number, number]
  readonly file: string
  readonly text: string
}

/** All that a driver gets for one attempt. */
export type AgentTask = {
  readonly mode: Mode
  readonly round: number
  readonly attempt: number
  /** The whole prompt as one text (prompt.ts). */
  readonly prompt: string
  /** The same, taken apart, for drivers that need it so. */
  readonly title: string
  readonly report: string
  readonly plan: string | null
  readonly feedback: readonly Feedback[]
  readonly context: readonly GivenContext[]
  /** The only ref a push may name. */
  readonly branch: string
  /** Answers to what the parked session asked. */
  readonly answers: readonly { readonly ask: string; readonly allow: boolean; readonly text: string | null }[]
  readonly resumed: boolean
  /** The agent's working directory. */
  readonly cwd: string
  /** The step's folder: nothing in it outlives the step. */
  readonly folder: string
  /** Kept with the session where the driver can resume; else gone with the step. */
  readonly state: string
  readonly env: Readonly<Record<string, string>>
  /** What it loads of its repository's own settings; null: nothing. */
  readonly settings: LoadedSettings | null
  /** What the agent is behind: `startProgram` and `runProgram` take it as it is. */
  readonly wall: Wall
  /** How it reaches its model. */
  readonly model: ModelAccess
  /** The model that the step asks for, as its provider calls it; null: the agent's own choice. */
  readonly modelName: string | null
  readonly seconds: number
  readonly signal: AbortSignal
  /** What the agent does, as it does it. */
  on(event: AgentEvent): void
  /** The policy's word about a command the agent asks for: an argv as it will be executed, or the text that a shell will read. */
  decide(command: readonly string[] | string): Decision
}

/** `why` is for the model too: it says what else would do. */
export type Decision = { readonly decision: 'allow' | 'ask' | 'deny'; readonly why: string }

/** What an agent wants to know before it goes on. `argv` null: a question. */
export type Ask = {
  readonly ask: string
  readonly argv: readonly string[] | null
  readonly cwd: string | null
  /** What a command would find there: its repository, and the environment that vpd gives it. */
  readonly where: CommandPlace | null
  readonly reason: string
  readonly choices: readonly string[]
}

/** How it ended. `finished`: `text` is the plan, the answer or the summary. `parked`: its process has ended, its state is saved, it waits for `ask`. */
export type AgentEnd =
  | { readonly end: 'finished'; readonly text: string; readonly usage: Usage }
  | { readonly end: 'parked'; readonly ask: Ask; readonly usage: Usage }

export type Driver = {
  readonly name: string
  readonly abilities: Abilities
  readonly modes: readonly Mode[]
  /** Providers whose models it works with (`anthropic`, `openai`, `google`), the usual one first; none: it needs no model of vpd. */
  readonly speaks: readonly string[]
  /** Files of a repository that vpd can give it as settings, paths from its root; none: it is given none. */
  readonly settings: readonly string[]
  /** Can it be given a model by name? */
  readonly takesModel: boolean
  /** What is on this machine, without running the agent on anything. */
  detect(): Promise<DetectedAgent>
  /** Runs one attempt to its end. Nothing of it is alive afterwards. Throws WorkFailed. */
  run(task: AgentTask): Promise<AgentEnd>
}

/** Usage of an agent that tells none: not known, never zero. */
export const unknownUsage: Usage = {
  inputTokens: null,
  outputTokens: null,
  cachedTokens: null,
  usdMicros: null,
  source: 'unavailable',
}
