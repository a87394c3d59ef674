/** All workflows: what starts each, whether it is enabled and ready, and what is missing. */
import './workflows.css'
import '../inbox/inbox.css'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useRef } from 'react'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { useRowKeys } from '../keys/use-row-keys.ts'
import { counted, list } from '../look/amounts.ts'
import { Dot } from '../look/dot.tsx'
import { Icon } from '../look/icon.tsx'
import { When } from '../look/when.tsx'

type Item = AnswerOf<'workflows', Response>['workflows'][number]

export const WorkflowsPage = () => {
  const answer = useQuery(questions.workflows())
  const rows = useRef<HTMLDivElement>(null)
  useRowKeys(rows, 'a.wfrow')
  const all = answer.data?.workflows
  return (
    <Page
      title="Workflows"
      top={
        <>
          <h1>Workflows</h1>
          {all && all.length > 0 && (
            <span className="count hide-s">
              <Dot tone="done" />
              {all.filter((one) => one.enabled).length} of {all.length} enabled
            </span>
          )}
        </>
      }
      tools={
        <>
          <Link className="btn sm hide-s" to="/workflows/templates">
            Templates
          </Link>
          <Link className="btn sm" to="/workflows/new">
            <Icon name="plus" small />
            New
          </Link>
        </>
      }
    >
      <Held answer={answer} what="workflows">
        {({ workflows }) => (
          <div ref={rows} className="wflist scroll">
            {workflows.length === 0 ? (
              <None />
            ) : (
              <>
                <div className="wfrow cols" aria-hidden="true">
                  <span>Workflow</span>
                  <span>Starts when</span>
                  <span>State</span>
                  <span className="num">Runs</span>
                </div>
                {workflows.map((one) => (
                  <Row key={one.id} item={one} />
                ))}
              </>
            )}
          </div>
        )}
      </Held>
    </Page>
  )
}

const triggers: Readonly<Record<string, string>> = {
  'manual.requested': 'a person starts it by hand',
  'webhook.received': 'a signed webhook comes in',
}
const triggerWords = (trigger: string): string => triggers[trigger] ?? trigger.replace('.', ': ').replaceAll('_', ' ')

const Row = ({ item }: { item: Item }) => (
  <Link className="wfrow" to="/workflows/$workflow" params={{ workflow: item.name }}>
    <div className="cut">
      <div>
        <span className="b">{item.name}</span> <span className="mute">v{item.version}</span>
      </div>
      <p className="cut">{item.team ? `team ${item.team}` : 'no team'}</p>
    </div>
    <div>
      <p>{list([...new Set(item.triggers.map(triggerWords))], 'or') || 'nothing starts it'}</p>
      {!item.ready && <p className="wait cut">{`missing: ${item.missing.map((one) => one.name).join(', ')}`}</p>}
    </div>
    <div className="row-of">
      <Dot tone={item.enabled ? (item.ready ? 'done' : 'wait') : 'idle'} />
      <span className={item.enabled ? (item.ready ? 'done' : 'wait') : 'mute'}>
        {item.enabled
          ? item.ready
            ? 'enabled'
            : 'enabled, not ready'
          : item.ready
            ? 'ready, not enabled'
            : 'not ready'}
      </span>
    </div>
    <div className="num mute">
      <div>{counted(item.runs, 'run')}</div>
      {item.lastRunAt !== null && <When at={item.lastRunAt} as="ago" />}
    </div>
  </Link>
)

const None = () => (
  <div className="first">
    <h2 className="verb">No workflow yet</h2>
    <p className="lead">
      One file says who may start work, what it may touch, who decides and where it runs. It is data, never a program.
    </p>
    <pre className="cmd">
      {'viewport compile bug-to-pr.workflow.yaml\nviewport workflows save bug-to-pr.workflow.yaml'}
    </pre>
    <p className="lead">
      <Link className="link" to="/workflows/templates">
        Begin with a template
      </Link>
      , or{' '}
      <Link className="link" to="/workflows/new">
        write one here
      </Link>
      .
    </p>
  </div>
)
