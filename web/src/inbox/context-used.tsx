/** What the agent was given to read for this step, why, and what it says it used. No bodies: they stay where they are. */
import { useQuery } from '@tanstack/react-query'
import { questions } from '../api/queries.ts'
import { ContextTable } from '../run/context-table.tsx'

export const ContextUsed = ({ run, step }: { run: string; step: string }) => {
  const answer = useQuery(questions.run(run))
  if (!answer.data) return null
  const items = answer.data.contextItems.filter((item) => item.step === step)
  return items.length + answer.data.contextMissing.length === 0 ? null : (
    <ContextTable items={items} missing={answer.data.contextMissing} />
  )
}
