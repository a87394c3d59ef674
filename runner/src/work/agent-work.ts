/** What do the parts of one agent attempt share? */
import type { Usage } from '@viewportai/core/run/facts'
import type { AgentJob } from '@viewportai/core/wire/job'
import type { Driver } from '../agent/driver.ts'
import type { OpenModel } from '../model/open-model.ts'
import type { PinnedRepo } from './job-repos.ts'
import type { Port, Setup } from './port.ts'
import type { StepFolder } from './step-folder.ts'

/** Everything about one attempt that its parts need. */
export type AgentWork = {
  readonly port: Port
  readonly setup: Setup
  readonly job: AgentJob
  readonly folder: StepFolder
  readonly driver: Driver
  readonly model: OpenModel
  readonly main: PinnedRepo
  /** The commit the change is measured against, and the one the agent's clone begins with. */
  readonly base: string
  readonly begin: string
  /** The tree its files began with: that of `begin`, or the parked one. */
  readonly beginTree: string
  readonly dir: string
  readonly state: string
  readonly items: readonly string[]
}

/** Where the sums stand when the attempt fails: kept outside so that a failure reports them too. */
export type Tally = {
  usage: Usage
  started: boolean
  /** Called when the control plane has accepted the sums. */
  known?: () => void
}

/** Asks are known outside as `<attempt>.<the agent's own id>`, so that two attempts never share one. */
export const outerAsk = (attempt: number, ask: string): string => `${attempt}.${ask}`
/** The agent's own id of an ask. */
export const localAsk = (ask: string): string => ask.replace(/^\d+\./, '')
