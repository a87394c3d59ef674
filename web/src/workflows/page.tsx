/** One workflow by its name, or a new one. */
import './workflows.css'
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { fillTemplate } from '@viewportai/core/gallery/fill'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { Notice } from '../look/notice.tsx'
import type { Wanted } from './proposal.tsx'
import { Crumb } from './crumb.tsx'
import { WorkflowEditor } from './workflow-editor.tsx'

/** What the page still waits for. Whether the reader may save is known before the text is there: who was shown an editor can press its keys, and is told nothing that is taken back. */
const bothOf = (first: UseQueryResult<unknown>, second: UseQueryResult<unknown>): UseQueryResult<unknown> =>
  first.data === undefined ? first : second

export const WorkflowPage = () => {
  const { workflow = '' } = useParams({ strict: false })
  const { version, delivery, wanted } = useSearch({ strict: false }) as {
    version?: number
    delivery?: string
    wanted?: Wanted
  }
  const answer = useQuery(questions.workflow(workflow, version))
  const me = useQuery(questions.me())
  if (answer.data && me.data)
    return (
      <WorkflowEditor
        key={`${workflow} ${version ?? ''} ${delivery ?? ''} ${wanted ?? ''}`}
        view={answer.data}
        old={version !== undefined}
        {...(delivery && wanted && { asked: { delivery, wanted } })}
      />
    )
  return (
    <Page title={workflow} top={<Crumb name={workflow} />}>
      <Held<unknown> answer={bothOf(answer, me)} what="the workflow">
        {() => null}
      </Held>
    </Page>
  )
}

/** A new one begins with the short form, or with a template and what was said for its blanks. */
export const NewWorkflowPage = () => {
  const { template, set } = useSearch({ strict: false }) as { template?: string; set?: Record<string, string> }
  const answer = useQuery({ ...questions.templates(), enabled: template !== undefined })
  const me = useQuery(questions.me())
  if (template === undefined && me.data) return <WorkflowEditor view={null} old={false} />
  const found = answer.data?.templates.find((one) => one.name === template)
  if (found && me.data)
    return <WorkflowEditor key={template} view={null} old={false} begin={fillTemplate(found.source, set ?? {})} />
  return (
    <Page title="New workflow" top={<Crumb name="new" />}>
      <Held<unknown> answer={template === undefined ? me : bothOf(answer, me)} what="the workflow">
        {() => template !== undefined && <Notice tone="plain" title={`There is no template ${template}`} />}
      </Held>
    </Page>
  )
}
