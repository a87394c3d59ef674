/** What the workspace has chosen for all its runs: where bodies are kept, what leaves runners, pool, agents, packets, caps. */
import { useQuery } from '@tanstack/react-query'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Choices } from './choices.tsx'
import { SettingsFrame } from './frame.tsx'

export const WorkspacePage = () => {
  const answer = useQuery(questions.workspace())
  return (
    <SettingsFrame title="Settings" adminOnly="changes these choices">
      {(admin) => (
        <Held answer={answer} what="the choices">
          {(workspace) => <Choices key={JSON.stringify(workspace)} workspace={workspace} admin={admin} />}
        </Held>
      )}
    </SettingsFrame>
  )
}
