/** How quickly is a workflow compiled, and an event held against many workflows? */
import { parse } from 'yaml'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { matchPrepared, prepareWorkflows } from '@viewportai/core/match/match'
import type { TriggerEvent } from '@viewportai/core/event/trigger-event'
import { against, median, ms, type Figure } from './figures.ts'
import type { Size } from './size.ts'

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

/** The median of so many times, after a few to warm. */
const timed = (times: number, work: () => unknown): number => {
  for (let n = 0; n < times / 8; n++) work()
  return median(
    Array.from({ length: times }, () => {
      const began = performance.now()
      work()
      return performance.now() - began
    }),
  )
}

const compiled = (source: string) => {
  const result = compileWorkflow(source)
  if (!result.ok) throw new Error(result.errors.map((e) => e.message).join('\n'))
  return result
}

/** Compile of a long file and match against many workflows, some or all of which listen to the event. */
export const languageFigures = ({ language: { workflows, times } }: Size): Figure[] => {
  const many = `${workflows.toLocaleString('en')} workflows`
  const entry = (name: string, trigger: string) => ({
    id: name,
    name,
    version: 1,
    enabled: true,
    compiled: compiled(`name: ${name}\nteam: payments\ntrigger: ${trigger}\nrepos: acme/api\n`).compiled,
  })
  const here = entry('here', '{ linear: { event: issue_assigned, team: Payments } }')
  const there = entry('there', '{ linear: { event: issue_created } }')
  const some = prepareWorkflows(
    Array.from({ length: workflows }, (_, i) => ({ ...(i % 100 === 0 ? here : there), id: `wf_${i}` })),
  )
  const all = prepareWorkflows(Array.from({ length: workflows }, (_, i) => ({ ...here, id: `wf_${i}` })))
  // None starts, and every answer is a sentence, with what one would overlook. In a workspace many want the same; at the worst each wants something of its own.
  const nearly = (i: number): string => (i % 2 === 0 ? `Payments ${i}` : `[payments, "Payments ${i}"]`)
  const near = (kinds: number) => {
    const entries = Array.from({ length: kinds }, (_, i) =>
      entry(`near-${i}`, `{ linear: { event: issue_assigned, team: ${nearly(i)} } }`),
    )
    return prepareWorkflows(
      Array.from({ length: workflows }, (_, i) => ({ ...entries[i % kinds]!, id: `wf_${i}`, name: `near-${i}` })),
    )
  }
  const [alike, own] = [near(workflows / 100), near(workflows)]
  // What a script would do: the same question with a yes or a no, and without a reason for anybody.
  const bare = Array.from({ length: workflows }, () => ({ event: 'issue_assigned', team: 'Payments' }))
  const bareMatch = (): number => bare.filter((w) => w.event === event.event && w.team === event.fields['team']).length
  const loop = { what: 'a loop of ifs:', value: timed(times, bareMatch) }
  return [
    against(
      `compile ${long.split('\n').length} lines`,
      timed(times, () => compiled(long)),
      50,
      ms,
      {
        instead: { what: 'plain YAML parse:', value: timed(times, () => parse(long)) },
      },
    ),
    against(
      `match one event, ${many}, ${workflows / 100} listen`,
      timed(times, () => matchPrepared(event, some)),
      5,
      ms,
      {
        instead: loop,
      },
    ),
    against(
      `match one event, ${many}, all listen`,
      timed(times, () => matchPrepared(event, all)),
      5,
      ms,
      {
        instead: loop,
        note: 'every one answers with each of its conditions, expected and found',
      },
    ),
    against(
      `match one event, ${many}, all nearly, in ${workflows / 100} ways`,
      timed(times, () => matchPrepared(event, alike)),
      5,
      ms,
      {
        instead: loop,
        note: 'every one says in a sentence what should be, what is, and what one would overlook',
      },
    ),
    against(
      `match one event, ${many}, all nearly, each in its own way`,
      timed(times, () => matchPrepared(event, own)),
      5,
      ms,
      { instead: loop, note: 'no condition stands in two of them' },
    ),
  ]
}
