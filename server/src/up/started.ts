/** What is known once a control plane answers: how it was asked for, where it is, and how to tell people? */
import type { Terminal } from '../cli/terminal.ts'
import type { ControlPlane } from '../program.ts'
import type { LocalWorkspace } from './local-workspace.ts'

export type UpOptions = {
  readonly port?: number
  readonly host?: string
  readonly data?: string
  readonly sample: boolean
  readonly headless: boolean
  readonly open: boolean
  readonly log?: string
}

/** A control plane that answers, and whoever started it. */
export type Started = {
  readonly plane: ControlPlane
  readonly place: LocalWorkspace
  readonly options: UpOptions
  readonly terminal: Terminal
  readonly signal: AbortSignal
  readonly tell: (words: string) => void
}
