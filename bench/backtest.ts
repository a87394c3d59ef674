/** How quickly is a changed workflow held against ten thousand recorded deliveries, beside the version in force? */
import { inWorkspace } from '@viewportai/viewport/src/database/tenant.ts'
import { against, median, ms, type Figure } from './figures.ts'
import type { Place } from './place.ts'
import type { Size } from './size.ts'

const source = (severity: string): string => `name: fix-bug
team: payments
trigger:
  - webhook: { type: bug.reported, data: { severity: ${severity} } }
  - github: { event: issue_labeled, labels: [bug, crash], title: { not: { contains: "[skip]" } } }
repos: [acme/shop]
agents: { plan: sample, implement: sample }
concurrency: { key: "{{ trigger.number }}", limit: 1, when_full: skip }
approvals:
  - plan_review: { approvers: [team:payments] }
  - pr_approval: { approvers: [team:payments] }
actions: [git.open_change]
`

/** Issues of GitHub with a text of 2 kB each, as they are kept; every third has the label, every fifth is to be skipped. */
const fill = (place: Place, events: number): Promise<unknown> =>
  inWorkspace(place.db, place.workspace, (tx) =>
    tx.query(
      `insert into vp.deliveries (workspace, delivery, source, provider_id, tool, event, title, actor, state, outcome, verdict, trigger_event, received_at)
        select $1, 'dlv_b' || n, 'src_bench', 'b' || n, 'github', 'issue_labeled', 'Prices ' || n, 'Sam', 'processed', 'no_match', 'No workflow matched.',
          json_build_object('tool', 'github', 'event', 'issue_labeled', 'id', 'b' || n, 'at', n, 'actor', json_build_object('id', 'github:2', 'name', 'Sam', 'trust', 'member', 'person', $2::text, 'teams', json_build_array('payments')),
            'subject', json_build_object('label', 'acme/shop#' || n, 'title', 'Prices ' || n, 'url', null, 'ref', 'acme/shop#' || n), 'fields', json_build_object('repo', 'acme/shop', 'title', 'Prices ' || n || case when n % 5 = 0 then ' [skip]' else '' end,
              'body', repeat('One cent too much. ', 100), 'labels', json_build_array(case when n % 3 = 0 then 'bug' else 'question' end), 'label', 'bug', 'author', 'sam', 'assignees', json_build_array(), 'milestone', null, 'state', 'open', 'number', n),
            'text', repeat('One cent too much. ', 100), 'outsideText', false), n
        from generate_series(1, $3::int) n`,
      [place.workspace, place.people.sam, events],
    ),
  )

/** The median of `rounds` times `times` answers of the API, each over all of them in one piece, and what is the share of matching in it. */
export const backtestFigures = async (
  place: Place,
  { rounds, backtest: { events, times } }: Size,
): Promise<Figure[]> => {
  await place.api.saveWorkflow({ body: { source: source('high'), note: null, expectVersion: null } })
  await fill(place, events)
  const taken = async (text: string): Promise<number> => {
    const began = performance.now()
    const found = await place.api.backtest({ body: { source: text, limit: events, before: null } })
    const millis = performance.now() - began
    const expected = Array.from({ length: events }, (_, at) => at + 1).filter((n) => n % 3 === 0 && n % 5 !== 0).length
    if (found.events !== events || found.draft.starts !== expected || found.current?.starts !== expected)
      throw new Error(`the backtest is wrong: ${JSON.stringify({ ...found, rows: found.rows.length })}`)
    return millis
  }
  const [mine, plain]: [number[], number[]] = [[], []]
  for (let round = 0; round <= rounds; round++)
    for (let n = 0; n < times; n++) {
      const [millis, read] = [await taken(source('[high, critical]')), await readAll(place, events)]
      if (round === 0) continue // warms
      mine.push(millis)
      plain.push(read)
    }
  return [
    against(
      `backtest, ${events.toLocaleString('en')} deliveries, beside the version in force`,
      median(mine),
      2_000,
      ms,
      {
        instead: { what: 'the same rows read and parsed, nothing matched:', value: median(plain) },
        note: `from ${ms(Math.min(...mine))} to ${ms(Math.max(...mine))}`,
      },
    ),
  ]
}

/** What any program would have to do at least: read the events. */
const readAll = async (place: Place, events: number): Promise<number> => {
  const began = performance.now()
  await inWorkspace(place.db, place.workspace, async (tx) => {
    const { rows } = await tx.query<{ event: object }>(
      'select trigger_event as event from vp.deliveries where workspace = $1 order by received_at desc, delivery desc',
      [place.workspace],
    )
    if (rows.length < events) throw new Error(`only ${rows.length} deliveries are kept`)
  })
  return performance.now() - began
}
