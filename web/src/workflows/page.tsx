/** One workflow by its name, or a new one. */
import './workflows.css'
import { useQuery } from '@tanstack/react-query'
import { useParams, useSearch } from '@tanstack/react-router'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { Crumb } from './crumb.tsx'
import { WorkflowEditor } from './workflow-editor.tsx'

export const WorkflowPage = () => {
  const { workflow = '' } = useParams({ strict: false })
  const { version } = useSearch({ strict: false }) as { version?: number }
  const answer = useQuery(questions.workflow(workflow, version))
  if (answer.data)
    return <WorkflowEditor key={`${workflow} ${version ?? ''}`} view={answer.data} old={version !== undefined} />
  return (
    <Page title={workflow} top={<Crumb name={workflow} />}>
      <Held answer={answer} what="the workflow">
        {() => null}
      </Held>
    </Page>
  )
}

export const NewWorkflowPage = () => <WorkflowEditor view={null} old={false} />
