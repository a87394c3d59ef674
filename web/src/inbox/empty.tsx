/** An empty inbox: what will stop here, and the shortest way to the first one, with real commands. Nothing is sold. */
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { questions } from '../api/queries.ts'
import { Skeleton } from '../look/waiting.tsx'
import { PairField } from '../runners/pair-field.tsx'

export const EmptyInbox = () => {
  const runners = useQuery(questions.runners())
  const workflows = useQuery(questions.workflows())
  const hasRunner = (runners.data?.runners.length ?? 0) > 0
  const ready = workflows.data?.workflows.find((workflow) => workflow.enabled && workflow.ready)
  const any = workflows.data?.workflows[0]
  const set = hasRunner && ready !== undefined
  // To try it takes an admin: a repository and a workflow are added to the workspace.
  const me = useQuery(questions.me())
  const admin = me.data?.person.role === 'admin'
  const last = admin ? 4 : 3
  // A step that was done long ago is not shown as the next one until the answer says so.
  if ([runners, workflows, me].some((one) => one.isPending)) return <Skeleton what="the first steps" />
  return (
    <div className="first">
      <h1 className="verb">{set ? 'Nothing needs you now' : 'Nothing needs you yet'}</h1>
      <p className="lead">
        Plans, changes, commands and questions that an agent may not decide alone stop here. You read what would happen,
        then approve, ask for changes, or reject.
        {set ? '' : admin ? ' The first two steps bring one.' : ' Three steps bring the first one.'}
      </p>
      <ol className="todo">
        <li className={hasRunner ? 'was' : 'now'}>
          <span className="no">{hasRunner ? '✓' : '1'}</span>
          <div>
            <h2 className="b">
              {hasRunner
                ? `${runners.data!.runners.length === 1 ? 'One runner is' : `${runners.data!.runners.length} runners are`} paired`
                : 'Pair a runner where your code lives'}
            </h2>
            <p>Code, keys and agents stay on that machine.{hasRunner ? '' : ' It prints a code and three words.'}</p>
            {!hasRunner && (
              <>
                <pre className="cmd">{'npm i -g @viewportai/daemon\nvpd pair --worker --transport=polling'}</pre>
                <PairField then="try" />
              </>
            )}
          </div>
          {hasRunner ? (
            <Link className="btn sm" to="/runners">
              Runners
            </Link>
          ) : (
            <span className="mute nw">2 min</span>
          )}
        </li>
        {admin && (
          <li className={hasRunner && !ready ? 'now' : ''}>
            <span className="no">2</span>
            <div>
              <h2 className="b">Try it on {set ? 'another' : 'your'} repository</h2>
              <p>One task, started by hand. You read the plan, then the change; the repository gets one branch.</p>
            </div>
            <Link className={`btn sm${hasRunner && !ready ? ' pri' : ''}`} to="/try">
              Choose a repository
            </Link>
          </li>
        )}
        <li className={hasRunner && !any && !admin ? 'now' : ''}>
          <span className="no">{last - 1}</span>
          <div>
            <h2 className="b">Connect what starts work</h2>
            <p>GitHub, GitLab, Linear, Jira, Slack, CI, or any tool with webhooks. Or none: a run can start by hand.</p>
          </div>
          <Link className="btn sm" to="/connections">
            Connect
          </Link>
        </li>
        <li className={hasRunner && (admin ? ready : any) ? 'now' : ''}>
          <span className="no">{last}</span>
          <div>
            <h2 className="b">{ready ? `Start ${ready.name}` : 'Choose a workflow'}</h2>
            <p>
              {ready
                ? 'It is enabled and ready. Start it by hand and its first gate will stop here.'
                : 'One file says who may start work, what it may touch, who decides and where it runs.'}
            </p>
          </div>
          {any ? (
            <Link className="btn sm" to="/workflows/$workflow" params={{ workflow: (ready ?? any).name }}>
              Open {(ready ?? any).name}
            </Link>
          ) : (
            <Link className="btn sm" to="/workflows/templates">
              See templates
            </Link>
          )}
        </li>
      </ol>
    </div>
  )
}
