/** The address of a change leads to the diff of its run. */
import { useQuery } from '@tanstack/react-query'
import { Navigate, useParams } from '@tanstack/react-router'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'

export const ChangePage = () => {
  const { change } = useParams({ strict: false })
  const answer = useQuery(questions.change(change ?? ''))
  return (
    <Page title="Change" top={<strong>Change</strong>}>
      <Held answer={answer} what="the change">
        {(found) => <Navigate to="/runs/$run" params={{ run: found.run }} search={{ show: 'diff' }} replace />}
      </Held>
    </Page>
  )
}
