/**
 * Which classes of credentials are there, and who is handed one?
 * Each is handed to the one piece of work that needs it and to no other. An agent is handed none but secrets of tools that the policy names for it.
 */

export const classes = {
  checkout: 'fetching a repository: one git process at a time',
  publish: 'writing the branch of an approved effect: one git process at a time',
  model: 'the model gateway of a step whose agent uses that provider',
  provider: 'approved actions at one tool (issues, chats), at the one address it belongs to',
  tool: 'one variable of the steps that the policy names for it (tools), e.g. a token of a registry for checks',
} as const
export type CredentialClass = keyof typeof classes

/** One credential as people see it: never its value. */
export type Listed = {
  readonly class: CredentialClass
  /** What it is good for: a provider of models, or the beginning of addresses of repositories. */
  readonly scope: string
  /** Where it comes from, in words. */
  readonly source: string
  /** The address it is sent to, where it is not the provider's usual one. */
  readonly url: string | null
  /** ISO times; null when unknown. */
  readonly set: string | null
  readonly lastUsed: string | null
  /** Why it cannot be used, or what is used in its place; null when it is used. */
  readonly note: string | null
}
