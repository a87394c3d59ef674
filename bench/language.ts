/** How quickly is a workflow compiled, and an event held against many workflows? */
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { matchPrepared, prepareWorkflows } from '@viewportai/core/match/match'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { against, ms, percentile, type Figure } from './figures.ts'

const long = `name: long
team: payments
trigger: { github: { event: issue_opened } }
repos: acme/api
steps:
${Array.from(
  { length: 48 },
  (_, i) => `  - id: plan-${i}
    mode: plan
    prompt: "Look at {{ trigger.title }} and part ${i}"
    needs: ${i === 0 ? '[]' : `[plan-${i - 1}]`}
  - gate: review-${i}
    of: plan-${i}
    approvers: [team:payments]`,
).join('\n')}
`

const event: TriggerEvent = {
  tool: 'linear',
  event: 'issue_assigned',
  id: 'bench',
  at: 1,
  actor: { id: 'linear:1', name: 'sam', trust: 'member', person: 'usr_sam', teams: ['payments'] },
  subject: { label: 'PAY-1', title: 'Prices', url: null },
  fields: { team: 'Payments' },
  text: '',
  outsideText: false,
}

const timed = (times: number, work: () => unknown): number[] =>
  Array.from({ length: times }, () => {
    const began = performance.now()
    work()
    return performance.now() - began
  })

/** Compile of a long file and match against 10,000 workflows, some or all of which listen to the event. */
export const languageFigures = async (): Promise<Figure[]> => {
  const compile = (source: string) => {
    const result = compileWorkflow(source)
    if (!result.ok) throw new Error(result.errors.map((e) => e.message).join('\n'))
    return result
  }
  compile(long)
  const entry = (name: string, trigger: string) => ({
    id: name,
    name,
    version: 1,
    enabled: true,
    compiled: compile(`name: ${name}\nteam: payments\ntrigger: ${trigger}\nrepos: acme/api\n`).compiled,
  })
  const here = entry('here', '{ linear: { event: issue_assigned, team: Payments } }')
  const there = entry('there', '{ linear: { event: issue_created } }')
  const some = prepareWorkflows(
    Array.from({ length: 10_000 }, (_, i) => ({ ...(i % 100 === 0 ? here : there), id: `wf_${i}` })),
  )
  const all = prepareWorkflows(Array.from({ length: 10_000 }, (_, i) => ({ ...here, id: `wf_${i}` })))
  return [
    against(
      `compile ${long.split('\n').length} lines, median`,
      percentile(
        timed(15, () => compile(long)),
        0.5,
      ),
      50,
      ms,
    ),
    against(
      'match one event, 10,000 workflows, 100 listen, median',
      percentile(
        timed(15, () => matchPrepared(event, some)),
        0.5,
      ),
      5,
      ms,
    ),
    against(
      'match one event, 10,000 workflows, all listen, median',
      percentile(
        timed(15, () => matchPrepared(event, all)),
        0.5,
      ),
      5,
      ms,
    ),
  ]
}
