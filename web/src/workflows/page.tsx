/** One workflow: its file with the compiler's errors, what it says, its versions, whether it is ready, starting it by hand. */
import './workflows.css'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Link, useNavigate, useParams, useSearch } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { counted } from '../look/amounts.ts'
import { Dot } from '../look/dot.tsx'
import { useLater } from '../look/later.ts'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import { ScrollArea } from '../look/scroll-area.tsx'
import { useCompiled } from './compiled.ts'
import { Editor } from './editor.tsx'
import { Readiness } from './readiness.tsx'
import { RunByHand } from './run-by-hand.tsx'
import { firstWorkflow } from './first-workflow.ts'
import { SummaryFacts } from './summary.tsx'
import { Versions } from './versions.tsx'

type View = AnswerOf<'workflow', Response>

export const WorkflowPage = () => {
  const { workflow = '' } = useParams({ strict: false })
  const { version } = useSearch({ strict: false }) as { version?: number }
  const answer = useQuery(questions.workflow(workflow, version))
  if (!answer.data)
    return (
      <Page title={workflow} top={<Crumb name={workflow} />}>
        <Held answer={answer} what="the workflow">
          {() => null}
        </Held>
      </Page>
    )
  return <WorkflowEditor key={`${workflow} ${version ?? ''}`} view={answer.data} old={version !== undefined} />
}

export const NewWorkflowPage = () => <WorkflowEditor view={null} old={false} />

const Crumb = ({ name }: { name: string }) => (
  <>
    <Link to="/workflows" className="dim">
      Workflows
    </Link>
    <span className="sep">/</span>
    <h1 className="cut">{name}</h1>
  </>
)

/** `old`: a version that is not the newest; it is only read. */
const WorkflowEditor = ({ view, old }: { view: View | null; old: boolean }) => {
  const [source, setSource] = useState(view?.source ?? firstWorkflow)
  const [from, setFrom] = useState({ version: view?.version ?? 0, source: view?.source ?? '' })
  const admin = useQuery(questions.me()).data?.person.role === 'admin'
  const compiled = useCompiled(source)
  const navigate = useNavigate()
  const queries = useQueryClient()
  const changed = view === null || source !== view.source
  const look = () =>
    queries.invalidateQueries({
      predicate: (query) => ['workflow', 'workflows', 'status'].includes(String(query.queryKey[0])),
    })
  // A newer version that came meanwhile replaces an untouched text; a draft stays and says so.
  if (view && view.version !== from.version && source === from.source) {
    setSource(view.source)
    setFrom({ version: view.version, source: view.source })
  }
  const save = useMutation({
    mutationFn: () => api.saveWorkflow({ body: { source, note: null, expectVersion: view ? from.version : null } }),
    onSuccess: (saved) => {
      setFrom({ version: saved.version, source })
      if (saved.name !== view?.name) void navigate({ to: '/workflows/$workflow', params: { workflow: saved.name } })
    },
    onSettled: look,
  })
  const enable = useMutation({
    mutationFn: (enabled: boolean) => api.enableWorkflow({ params: { workflow: view!.name }, body: { enabled } }),
    onSettled: look,
  })
  const mayEdit = admin && !old
  const maySave = mayEdit && changed && compiled.ok && !save.isPending
  const errors = compiled.ok ? [] : compiled.errors
  return (
    <Page
      title={view?.name ?? 'New workflow'}
      top={
        <>
          <Crumb name={view?.name ?? 'new'} />
          <span className="badge hide-s">
            {view === null
              ? 'draft'
              : old
                ? `v${view.version}, read only`
                : changed
                  ? `draft on v${from.version}`
                  : `v${view.version}`}
          </span>
          {errors.length > 0 && (
            <span className="count">
              <Dot tone="stop" />
              {counted(errors.length, 'error')}
            </span>
          )}
        </>
      }
      tools={
        <>
          {view && !old && admin && (
            <button
              type="button"
              className="btn sm hide-s"
              disabled={enable.isPending || (!view.enabled && (!view.ready || changed))}
              onClick={() => enable.mutate(!view.enabled)}
            >
              {view.enabled ? 'Disable' : 'Enable'}
            </button>
          )}
          {!old && admin && (
            <button type="button" className="btn sm" disabled={!maySave} onClick={() => save.mutate()}>
              Save as v{from.version + 1} <kbd>⌘ S</kbd>
            </button>
          )}
        </>
      }
      notices={
        <>
          {save.isError && <ProblemNotice problem={asProblem(save.error)} />}
          {enable.isError && <ProblemNotice problem={asProblem(enable.error)} />}
          {view && !old && view.version !== from.version && source !== from.source && (
            <Notice
              tone="wait"
              title={`v${view.version} was saved while you wrote`}
              actions={
                <button
                  type="button"
                  className="btn sm"
                  onClick={() => {
                    setSource(view.source)
                    setFrom({ version: view.version, source: view.source })
                  }}
                >
                  Take v{view.version}, drop my draft
                </button>
              }
            >
              Your draft is on v{from.version}. It cannot be saved over a newer version unseen.
            </Notice>
          )}
          {!admin && (
            <Notice tone="plain" title="Only a workspace admin may save or enable a workflow">
              You may read it, try changes here, and start it where it admits you.
            </Notice>
          )}
        </>
      }
    >
      <div className="two">
        <Editor
          source={source}
          errors={errors}
          readOnly={old}
          onChange={setSource}
          onSave={() => maySave && save.mutate()}
        />
        <ScrollArea className="panel" label="What the file says">
          <h2 className="b">What this {changed ? 'draft' : 'version'} says</h2>
          {compiled.ok ? (
            <SummaryFacts summary={compiled.summary} />
          ) : (
            <p className="stop">
              Nothing until it compiles: {counted(errors.length, 'error')}. The first stands in line {errors[0]?.line}.
            </p>
          )}
          {view && <Versions view={view} draft={changed ? (compiled.ok ? compiled.digest : '') : null} />}
          {compiled.ok &&
            (changed ? (
              <DraftReadiness source={source} />
            ) : (
              view && <Readiness missing={view.missing} resolved={view.resolved} />
            ))}
          {view && !changed && compiled.ok && (
            <>
              <h2 className="h">Start by hand</h2>
              <RunByHand
                name={view.name}
                compiled={compiled.compiled}
                may={view.enabled && view.ready && !old}
                why={
                  old
                    ? 'Only the newest version can be started.'
                    : view.ready
                      ? 'Enable it first.'
                      : 'It is not ready: see above what is missing.'
                }
              />
            </>
          )}
        </ScrollArea>
      </div>
    </Page>
  )
}

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
