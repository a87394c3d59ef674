/**
 * Which facts does an installation have that began long ago?
 * One run, with every kind of fact, in the exact text a ledger keeps. Recorded once and never made anew: today's code must read it.
 */
import { readFact, type Fact } from '../facts.ts'
import texts from './long-story.json' with { type: 'json' }

export const longStory = (): Fact[] => texts.map((text) => readFact(text))
