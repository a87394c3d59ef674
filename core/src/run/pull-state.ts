/**
 * In which shape does a run keep the pull request that it opened, and what was said of it?
 * Types alone, plain JSON. What they mean is in `pull-standing.ts`.
 */
import type { Feedback } from '../wire/job.ts'
import type { FactOf } from './facts.ts'

/** A pull request of this run, as it was observed last. `of`: the step whose change it carries. */
export type PullState = {
  step: string
  of: string
  tool: string
  ref: string
  url: string | null
  repo: string
  draft: boolean
  state: 'open' | 'merged' | 'closed'
  /** That it was merged or closed is the word of a runner that does not work on the run: who knows better takes it back. */
  unsure: boolean
  /** Who merged or closed it. */
  by: string | null
  /** What the merge made. */
  commit: string | null
  /** What was merged was approved by nobody here; null: it was, or nothing was merged. */
  unapproved: { head: string; why: 'foreign' | 'undecided' } | null
  reverted: { commit: string; url: string | null } | null
  /** Somebody else pushed this commit to its branch. */
  moved: string | null
  /** How the checks of a head ended, as they were heard last. */
  checks: {
    head: string
    outcome: FactOf<'checks.heard'>['outcome']
    total: number
    failed: string[]
    /** Of `unseen`: what is not shown, and what would show it. */
    why?: string
    /** Of `running`: since when it is known. */
    since?: number
    /** How often it was told otherwise of this head before. */
    changes: number
  } | null
  /** Names of what was heard: none is heard twice. */
  heard: string[]
  openedAt: number
}

/** Something that sends the step back when its turn comes. */
export type News = Noted & { because: 'review' | 'ci' }

/**
 * A note for an agent. `told`: the runner `by` told it of the run it works on, and no person read it; `less`: what is left of it on another
 * machine, where it is not asked about.
 */
export type Noted = Feedback & { told?: { by: string; less?: { from: string; text: string } } }
