/** The page of a workflow: its file with the compiler's errors on the left, what it means on the right. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { questions } from '../api/queries.ts'
import { Page } from '../frame/page.tsx'
import { counted } from '../look/amounts.ts'
import { mod } from '../keys/mod.ts'
import { Dot } from '../look/dot.tsx'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import { useKeys } from '../keys/use-keys.ts'
import { Revealed } from '../text/revealed.tsx'
import { useCompiled } from './compiled.ts'
import { Crumb } from './crumb.tsx'
import { Editor } from './editor.tsx'
import { WorkflowPanel } from './panel.tsx'
import { Proposal, type Asked } from './proposal.tsx'
import { useWorkflowDraft, type WorkflowDraft, type WorkflowView } from './use-draft.ts'

/** `old`: a version that is not the newest; it is only read. `asked`: a change that somebody wants on the why page of a delivery. `begin`: what a new one begins with. */
type EditorPageProps = { view: WorkflowView | null; old: boolean; asked?: Asked; begin?: string }

export const WorkflowEditor = ({ view, old, asked, begin }: EditorPageProps) => {
  const draft = useWorkflowDraft(view, begin)
  const compiled = useCompiled(draft.source)
  const [starting, setStarting] = useState(false)
  const [testing, setTesting] = useState(asked !== undefined)
  const test = (): void => {
    setTesting(!testing)
    if (!testing) showSoon('Backtest')
  }
  useKeys({ b: () => !old && test() })
  const admin = useQuery(questions.me()).data?.person.role === 'admin'
  const maySave = admin && !old && draft.changed && compiled.ok && !draft.saving
  const errors = compiled.ok ? [] : compiled.errors
  const newest = view?.versions[0]
  const startable = view !== null && !old && !draft.changed
  return (
    <Page
      title={view?.name ?? 'New workflow'}
      back="/workflows"
      top={
        <>
          <Crumb name={view?.name ?? 'new'} />
          <span className="badge hide-s">{standing(view, draft, old)}</span>
          {view && !old && !draft.changed && (
            <span className="count hide-s">
              <Dot tone={view.enabled ? (view.ready ? 'done' : 'wait') : 'idle'} />
              {view.enabled ? (view.ready ? 'enabled' : 'enabled, not ready') : 'not enabled'}
            </span>
          )}
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
          {!old && (
            <button type="button" className="btn sm" aria-expanded={testing} onClick={test}>
              Backtest <kbd>b</kbd>
            </button>
          )}
          {startable && (
            <button
              type="button"
              className="btn sm"
              aria-expanded={starting}
              aria-label="Start by hand"
              onClick={() => {
                setStarting(!starting)
                if (!starting) showSoon('Start by hand')
              }}
            >
              <span className="hide-s">Start by hand</span>
              <span className="only-s">Start</span>
            </button>
          )}
          {view && !old && admin && (
            <button
              type="button"
              className="btn sm hide-s"
              disabled={draft.enabling || (!view.enabled && (!view.ready || draft.changed))}
              onClick={() => draft.enable(!view.enabled)}
            >
              {view.enabled ? 'Disable' : 'Enable'}
            </button>
          )}
          {view && old && admin && newest && newest.digest !== view.digest && (
            <button
              type="button"
              className="btn sm"
              disabled={draft.saving}
              onClick={() => draft.bringBack(view.source, newest.version)}
            >
              {draft.saving ? 'Saving …' : `Bring it back as v${newest.version + 1}`}
            </button>
          )}
          {!old && admin && draft.changed && (
            <button type="button" className="btn sm pri" disabled={!maySave} onClick={draft.save}>
              Save as v{draft.version + 1} <kbd>{mod} S</kbd>
            </button>
          )}
        </>
      }
      notices={
        <>
          {view && asked && <Proposal view={view} draft={draft} asked={asked} admin={admin} />}
          <Notices view={view} draft={draft} old={old} admin={admin} />
        </>
      }
    >
      <div className="two">
        <Editor
          source={draft.source}
          errors={errors}
          readOnly={old}
          onChange={draft.setSource}
          onSave={() => maySave && draft.save()}
        />
        <WorkflowPanel
          view={view}
          draft={draft}
          compiled={compiled}
          starting={startable && starting}
          testing={testing}
        />
      </div>
    </Page>
  )
}

/** What was asked for opens below the text where there is no room beside it: it is brought into sight. */
const showSoon = (section: string): void =>
  void requestAnimationFrame(() => {
    const element = document.querySelector(`.panel section[aria-label="${section}"]`)
    if (element && element.getBoundingClientRect().top > window.innerHeight / 2)
      element.scrollIntoView({ block: 'start' })
  })

const standing = (view: WorkflowView | null, draft: WorkflowDraft, old: boolean): string =>
  view === null
    ? 'draft'
    : old
      ? `v${view.version}, read only`
      : draft.changed
        ? `draft on v${draft.version}`
        : `v${view.version}`

type NoticesProps = { view: WorkflowView | null; draft: WorkflowDraft; old: boolean; admin: boolean }

const Notices = ({ view, draft, old, admin }: NoticesProps) => (
  <>
    {draft.problem && <ProblemNotice problem={draft.problem} />}
    {draft.notes.length > 0 && (
      <Notice
        tone="wait"
        title={`v${draft.version} is saved as it is written`}
        actions={
          <button type="button" className="btn sm" onClick={draft.notesSeen}>
            Seen
          </button>
        }
      >
        <Revealed text={draft.notes.join(' ')} />
      </Notice>
    )}
    {view && !old && draft.overtaken && (
      <Notice
        tone="wait"
        title={`v${view.version} was saved while you wrote`}
        actions={
          <button type="button" className="btn sm" onClick={draft.takeNewest}>
            Take v{view.version}, drop my draft
          </button>
        }
      >
        Your draft is on v{draft.version}. It cannot be saved over a newer version unseen.
      </Notice>
    )}
    {!admin && (
      <Notice tone="plain" title="Only a workspace admin may save or enable a workflow">
        You may read it, try changes here, and start it where it admits you.
      </Notice>
    )}
  </>
)
