/** What the agent was given to read for this step, why, and what it says it used. No bodies: they stay where they are. */
import { useQuery } from '@tanstack/react-query'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { contextOf, ContextTable } from '../run/context-table.tsx'

export const ContextUsed = ({ run, step }: { run: string; step: string }) => {
  const answer = useQuery(questions.run(run))
  return (
    <Held answer={answer} what="what the agent was given">
      {(value) => {
        const { items, missing } = contextOf(value, step)
        return items.length + missing.length === 0 ? null : <ContextTable items={items} missing={missing} />
      }}
    </Held>
  )
}
