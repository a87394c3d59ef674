/** What does one kind of command answer: drafts, or a refusal with drafts that record it? */
import type { Refusal } from '../refusal.ts'
import type { Draft } from './facts.ts'

export type Answer = { drafts: Draft[]; refusal: Refusal | null }

export const yes = (drafts: Draft[]): Answer => ({ drafts, refusal: null })
export const no = (refusal: Refusal, drafts: Draft[] = []): Answer => ({ drafts, refusal })
