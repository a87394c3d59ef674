/** What do vpd and the sample agent say to each other? One JSON object per line; standard input and output of the agent's process. */

/** From vpd. `start` is the first line. */
export type ToSample =
  | {
      readonly type: 'start'
      readonly mode: 'plan' | 'read' | 'edit' | 'review'
      readonly round: number
      readonly title: string
      readonly report: string
      readonly plan: string | null
      readonly feedback: readonly {
        readonly from: string
        readonly kind: string
        readonly text: string
        readonly lines: readonly { readonly path: string; readonly line: number; readonly text: string }[]
      }[]
      readonly context: readonly { readonly id: string; readonly title: string; readonly file: string }[]
      readonly branch: string
      readonly answers: readonly { readonly ask: string; readonly allow: boolean; readonly text: string | null }[]
      /** Where the session is kept. */
      readonly state: string
      /** How it shall behave in this attempt: chosen by the runner's owner alone, never by a repository or prompt. */
      readonly script: readonly Switch[]
    }
  | { readonly type: 'verdict'; readonly ask: string; readonly allow: boolean; readonly why: string }

/** From the agent. */
export type FromSample =
  | { readonly type: 'message'; readonly text: string }
  | { readonly type: 'plan'; readonly text: string }
  | { readonly type: 'tool'; readonly kind: string; readonly title: string }
  /** Blocks until a `verdict`, or until the session is resumed with the answer. */
  | { readonly type: 'permission'; readonly ask: string; readonly argv: readonly string[]; readonly reason: string }
  | { readonly type: 'question'; readonly ask: string; readonly text: string; readonly choices: readonly string[] }
  | { readonly type: 'usage'; readonly inputTokens: number; readonly outputTokens: number; readonly usdMicros: number }
  | { readonly type: 'finish'; readonly text: string }

/** A switch with its value, e.g. { name: 'slow', value: '500' }. */
export type Switch = { readonly name: string; readonly value: string }

/** Every switch and what it does. */
export const switches = {
  die: 'ends itself by SIGKILL in the middle of the work',
  fail: 'ends with exit code 3',
  hang: 'never ends, and ignores TERM',
  endless: 'writes output without end',
  garbage: 'writes bytes that are no message, then goes on',
  slow: 'waits this many milliseconds before each thing it does',
  ask: 'asks for permission to run `git log`',
  question: 'asks a person how to round',
  lie: 'changes a comment alone, and says that all tests pass',
  'wrong-fix': 'mends the code wrongly until checks have failed once',
  leak: 'writes something that looks like a key into a file',
  obey: 'does what the report tells it to: runs its sh blocks',
  'wrong-file': 'also changes a file that the plan does not name',
  'no-change': 'says that it is done without changing anything',
  'no-push': 'does not push',
  usage: 'reports this many tokens',
} as const
