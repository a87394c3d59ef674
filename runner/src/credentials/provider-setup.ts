/** What is set up about credentials of tools that effects are carried out with? */
import type { Secret } from '../egress/encodings.ts'

export type ProviderSetup = {
  /** vpd's home, where they are kept. */
  readonly home: string
  /** Told of a value before it is used, so that it is kept out of all texts. */
  learn?(secrets: readonly Secret[]): void
}
