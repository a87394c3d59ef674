/** What a run has cost so far, of what it may cost. What cannot be known is said, never zero. */
import type { Usage } from '@viewportai/core/run/facts'
import type { ReactNode } from 'react'
import type { z } from 'zod'
import { cost, dollars, tokens } from './amounts.ts'
import { KeyValue } from './key-value.tsx'

export const CostSection = ({
  usage,
  budgetUsd,
  children,
}: {
  usage: z.infer<typeof Usage>
  budgetUsd: number | null
  children?: ReactNode
}) => {
  const known = usage.usdMicros !== null
  const share = known && budgetUsd ? Math.min(1, usage.usdMicros! / 1_000_000 / budgetUsd) : null
  return (
    <section>
      <h2>Cost so far</h2>
      <KeyValue
        label={
          known && budgetUsd !== null
            ? `${dollars(usage.usdMicros!)} of ${dollars(budgetUsd * 1_000_000)}`
            : cost(usage)
        }
      >
        {tokens(usage) ?? (usage.source === 'none' ? '' : 'tokens not known')}
      </KeyValue>
      {share !== null && (
        <div className="meter">
          <i className={share >= 0.8 ? 'over' : undefined} style={{ width: `${share * 100}%` }} />
        </div>
      )}
      {usage.source === 'unavailable' && (
        <p className="mute">
          Not all of it could be counted: a login of the agent’s own was used, a provider told nothing, or a price is
          not known. The time cap holds.
          {usage.estimated && ` About ${usage.estimated.tokens} tokens more are reckoned against the budget.`}
        </p>
      )}
      {children}
    </section>
  )
}
