/**
 * Why is there no amount of money beside a run or step?
 * One wording for the terminal, the web app and the packet. It never says what something cost.
 */
import type { Usage } from './facts.ts'

/** For a usage whose `usdMicros` is null: nothing was used that costs anything, or nobody said what it cost. */
export const whyNoCost = ({ source }: Pick<Usage, 'source'>): 'no model used' | 'unavailable' =>
  source === 'none' ? 'no model used' : 'unavailable'
