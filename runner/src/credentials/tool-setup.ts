/** What has the owner of the runner set about secrets of tools? */
import type { Secret } from '../egress/encodings.ts'

/** Who is handed a secret: as the policy says it. */
export type ToolRule = {
  readonly checks: boolean
  /** Patterns of agents. */
  readonly agents: readonly string[]
  /** Patterns of repositories, `host/path`: all that the work touches must fit. */
  readonly repositories: readonly string[]
}
export type ToolRules = Readonly<Record<string, ToolRule>>

/** What the owner has set about tools. */
export type ToolSetup = {
  /** vpd's home, where secrets are kept. */
  readonly home: string
  readonly rules: ToolRules
  /** Told of every value before it is handed over, so that it is kept out of all texts. */
  learn?(secrets: readonly Secret[]): void
}
