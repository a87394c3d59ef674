/**
 * May agents load the settings that lie in a repository? The admin's half of the answer (decisions/017): what it means, and what the owner of each
 * machine must write as well. Neither alone is enough, and this page never says that it is.
 */
import { useMutation } from '@tanstack/react-query'
import type { AnswerOf } from '@viewportai/core/api/client'
import { repositoryName } from '@viewportai/core/policy/repository-name'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { CopyText } from '../look/copy-text.tsx'
import { ProblemNotice } from '../look/notice.tsx'

export type Repository = AnswerOf<'repositories', Response>['repositories'][number]

/** The line that the owner of a machine writes into its policy. */
const trustLine = (url: string): string => {
  const found = repositoryName(url)
  return `trust: [${JSON.stringify('name' in found ? found.name : url)}]`
}

export const AgentSettings = ({ repository, admin }: { repository: Repository; admin: boolean }) => {
  const [asking, setAsking] = useState(false)
  const look = useLookAgain('workflow')
  const change = useMutation({
    mutationFn: (agentSettings: 'off' | 'base') =>
      api.changeRepository({ params: { repository: repository.id }, body: { agentSettings } }),
    onSuccess: () => setAsking(false),
    onSettled: look,
  })
  const { name, defaultBranch, agentSettings } = repository
  const on = agentSettings === 'base'
  return (
    <section className="trust" aria-label={`Agents’ own settings in ${name}`}>
      <p className={on ? 'wait' : 'mute'}>
        {on ? (
          <>
            Agents load the hooks and servers that lie in it, as they are on <code>{defaultBranch}</code>, on machines
            whose owner trusts it too.
          </>
        ) : (
          'Agents load none of the settings, hooks and servers that lie in it.'
        )}
      </p>
      {(asking || on) && (
        <div className="asks dim">
          {asking && (
            <ul>
              <li>
                Hooks and servers are programs. Who may merge to <code>{defaultBranch}</code> decides what runs beside
                an agent.
              </li>
              <li>
                What is loaded: commands at events, servers of the Model Context Protocol that are programs, and rules
                that forbid: for Claude Code and Codex, as they are at the commit the run begins with.
              </li>
              <li>
                Never what allows something, moves a model or its key, or changes an environment; never in a run that
                outside text reached, nor without a wall.
              </li>
            </ul>
          )}
          <p>
            The owner of each machine must agree as well, in its <code>policy.yaml</code>. Without this line nothing is
            loaded there:
          </p>
          <CopyText text={trustLine(repository.url)} />
        </div>
      )}
      {admin && (
        <div className="field">
          {on ? (
            <button type="button" className="btn sm" disabled={change.isPending} onClick={() => change.mutate('off')}>
              Load none of it again<span className="sr"> in {name}</span>
            </button>
          ) : asking ? (
            <>
              <button
                type="button"
                className="btn sm"
                disabled={change.isPending}
                onClick={() => change.mutate('base')}
              >
                Let agents load the settings of {name}
              </button>
              <button type="button" className="btn sm" onClick={() => setAsking(false)}>
                Keep it off
              </button>
            </>
          ) : (
            <button type="button" className="link" onClick={() => setAsking(true)}>
              Let agents load them<span className="sr"> in {name}</span>
            </button>
          )}
        </div>
      )}
      {change.isError && <ProblemNotice problem={asProblem(change.error)} />}
    </section>
  )
}
