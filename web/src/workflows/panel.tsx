/** What a workflow's file means: what is missing first, then what it says, its versions, what resolves. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { api } from '../api/call.ts'
import { counted } from '../look/amounts.ts'
import { useLater } from '../look/later.ts'
import { ScrollArea } from '../look/scroll-area.tsx'
import { BacktestSection } from './backtest.tsx'
import type { Compiled } from './compiled.ts'
import { Difference } from './difference.tsx'
import { Readiness } from './readiness.tsx'
import { RunByHand } from './run-by-hand.tsx'
import { RunWithSample } from './run-with-sample.tsx'
import { SummaryFacts } from './summary.tsx'
import type { WorkflowDraft, WorkflowView } from './use-draft.ts'
import { Versions } from './versions.tsx'

type PanelProps = {
  view: WorkflowView | null
  draft: WorkflowDraft
  compiled: Compiled
  starting: boolean
  testing: boolean
}

export const WorkflowPanel = ({ view, draft, compiled, starting, testing }: PanelProps) => {
  const lacks = view !== null && !draft.changed && view.missing.length > 0
  return (
    <ScrollArea className="panel" label="What the file says">
      {view && compiled.ok && starting && (
        <section aria-label="Start by hand">
          <h2 className="b">Start by hand</h2>
          <RunByHand
            name={view.name}
            compiled={compiled.compiled}
            may={view.enabled && view.ready}
            why={view.ready ? 'Enable it first.' : 'It is not ready: see below what is missing.'}
          />
        </section>
      )}
      {view && draft.changed && <Difference before={view.source} after={draft.source} version={view.version} />}
      {testing && <BacktestSection source={draft.source} compiled={compiled.ok} />}
      {view && compiled.ok && starting && <RunWithSample name={view.name} />}
      {lacks && <Readiness missing={view.missing} resolved={view.resolved} />}
      <h2 className="h">What this {draft.changed ? 'draft' : 'version'} says</h2>
      {compiled.ok ? <SummaryFacts summary={compiled.summary} /> : <NotYet errors={compiled.errors} />}
      {view && (
        <p>
          <Link className="link" to="/deliveries" search={{ workflow: view.name }}>
            What came in for it
          </Link>{' '}
          <span className="mute">with why each event did or did not start it</span>
        </p>
      )}
      {view && <Versions view={view} draft={draft.changed ? (compiled.ok ? compiled.digest : '') : null} />}
      {compiled.ok && draft.changed && <DraftReadiness source={draft.source} />}
      {view && !draft.changed && !lacks && <Readiness missing={[]} resolved={view.resolved} />}
    </ScrollArea>
  )
}

const NotYet = ({ errors }: { errors: readonly { line: number }[] }) => (
  <p className="stop">
    Nothing until it compiles: {counted(errors.length, 'error')}. The first stands in line {errors[0]?.line}.
  </p>
)

/** Whether names resolve is known by the server alone: it is asked when the text stood still. */
const DraftReadiness = ({ source }: { source: string }) => {
  const still = useLater(source, 600)
  const check = useQuery({
    queryKey: ['workflow', 'check', still],
    queryFn: () => api.checkWorkflow({ body: { source: still } }),
    placeholderData: (before) => before,
  })
  return check.data?.ok ? <Readiness missing={check.data.missing} resolved={[]} /> : null
}
