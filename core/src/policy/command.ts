/**
 * May an agent run this command without asking?
 * A deterministic answer from word lists, with a trace. It never runs anything and never guesses: what is not plain is asked.
 */
export type CommandRules = { allow: readonly string[]; ask: readonly string[]; deny: readonly string[] }
export type CommandDecision = { decision: 'allow' | 'ask' | 'deny'; why: string; rule: string | null; trace: { check: string; found: string; says: 'allow' | 'ask' | 'deny' | 'next' }[] }

/** `command`: an argv as it will be executed, or the text a shell will read. */
export const decideCommand = (_command: readonly string[] | string, _rules: CommandRules, _facts: { sandboxed: boolean }): CommandDecision => {
  throw new Error('decideCommand is being written')
}
