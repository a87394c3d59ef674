/** What is a driver given of the own settings of a repository? Hooks as scripts that vpd wrote, servers, and rules that only forbid. */
import type { Server } from './loaded.ts'

/** What a driver loads. `script`: run by `sh`; it stands for the hook's own command. */
export type LoadedSettings = {
  readonly hooks: readonly {
    readonly event: string
    readonly matcher: string | null
    readonly script: string
    readonly seconds: number | null
  }[]
  readonly servers: readonly Server[]
  readonly deny: readonly string[]
}
