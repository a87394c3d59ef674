/** One runner: is it there, what can it do, what does it do now. */
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { isolationWords } from '../inbox/isolation.ts'
import { counted } from '../look/amounts.ts'
import { Dot } from '../look/dot.tsx'
import { KeyValue } from '../look/key-value.tsx'
import { ProblemNotice } from '../look/notice.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'
import { AgentList, systemOf } from './capabilities.tsx'
import { RunnerPool } from './pool.tsx'
import { DoubledKey } from './doubled.tsx'
import { RunnerRepositories } from './repositories.tsx'
import { WithoutWall } from './without-wall.tsx'

type One = AnswerOf<'runners', Response>['runners'][number]

/** Does it poll though it would rather use its relay? */
const fellBack = ({ capabilities, transport }: One): boolean =>
  capabilities.transport === 'relay' && transport === 'polling'

export const RunnerRow = ({ runner, admin }: { runner: One; admin: boolean }) => {
  const can = runner.capabilities
  const free = can.slots - runner.busy.length
  return (
    <article className="runner" aria-label={runner.name}>
      <header>
        <Dot tone={runner.online ? (runner.draining ? 'wait' : 'done') : 'idle'} />
        <h2 className="b">{runner.name}</h2>
        <span className="badge">{runner.pool}</span>
        <span className={runner.online ? (runner.draining ? 'wait' : 'done') : 'mute'}>
          {runner.online ? (
            runner.draining ? (
              'drains: takes no new work'
            ) : (
              'online'
            )
          ) : runner.lastSeen === null ? (
            'has not answered yet'
          ) : (
            <>
              away since <When at={runner.lastSeen} as="moment" />
            </>
          )}
        </span>
        <span className="mute">
          {runner.online ? `${Math.max(0, free)} of ${counted(can.slots, 'slot')} free` : ''}
        </span>
        <span className="right" />
        {admin && <Acts runner={runner} />}
      </header>
      {runner.doubled && <DoubledKey runner={runner} admin={admin} />}
      <div className="grid">
        <section>
          <h3>Machine</h3>
          <KeyValue label="Host">
            <Revealed text={can.host} code />
          </KeyValue>
          <KeyValue label="System">{systemOf(can)}</KeyValue>
          <KeyValue label="vpd">
            {can.vpd}, {can.mode}
          </KeyValue>
          <RunnerPool runner={runner} admin={admin} />
          <KeyValue label="Transport" tone={fellBack(runner) ? 'wait' : undefined}>
            {fellBack(runner) ? 'polling, as its relay cannot be used now' : runner.transport}
          </KeyValue>
          <KeyValue label="Key">{runner.words.join(' ')}</KeyValue>
          <KeyValue label="Paired">
            {runner.pairedBy}, <When at={runner.pairedAt} as="moment" />
          </KeyValue>
        </section>
        <section>
          <h3>Isolation</h3>
          <KeyValue label="Agent" tone={can.isolation.level === 'none' ? 'wait' : undefined}>
            {isolationWords(can.isolation).level.toLowerCase()}
          </KeyValue>
          <KeyValue label="Network" tone={can.isolation.network === 'open' ? 'wait' : undefined}>
            {isolationWords(can.isolation).network}
          </KeyValue>
          <KeyValue label="Processes">{isolationWords(can.isolation).processes}</KeyValue>
          <KeyValue label="Model gateway">{can.isolation.modelGateway ? 'on' : 'off'}</KeyValue>
          <KeyValue label="Git gateway">{can.isolation.gitGateway ? 'on' : 'off'}</KeyValue>
          {can.isolation.level === 'none' && <WithoutWall runner={runner} admin={admin} />}
        </section>
        <section>
          <h3>Agents and tools</h3>
          <AgentList can={can} />
          <p className="dim tools">
            {can.tools.map((tool) => (tool.version ? `${tool.name} ${tool.version}` : tool.name)).join(', ') ||
              'no tool named'}
          </p>
        </section>
        <section>
          <h3>Repositories</h3>
          <RunnerRepositories runner={runner} admin={admin} />
          {runner.busy.length > 0 && <h3 className="now">Works on</h3>}
          {runner.busy.map((work) => (
            <p key={`${work.run}${work.step}`} className="row-of">
              <Dot tone="run" live />
              <Link className="link" to="/runs/$run" params={{ run: String(work.number) }}>
                run {work.number}
              </Link>
              {work.step}
              <span className="mute">
                for <When at={work.since} as="age" />
              </span>
            </p>
          ))}
        </section>
      </div>
    </article>
  )
}

const Acts = ({ runner }: { runner: One }) => {
  const [removing, setRemoving] = useState(false)
  const look = useLookAgain('runner')
  const drain = useMutation({
    mutationFn: (on: boolean) => api.drainRunner({ params: { runner: runner.id }, body: { drain: on } }),
    onSettled: look,
  })
  const remove = useMutation({ mutationFn: () => api.removeRunner({ params: { runner: runner.id } }), onSettled: look })
  const problem = drain.error ?? remove.error
  return (
    <>
      {removing ? (
        <>
          <span className="stop">
            Its next call is refused
            {runner.busy.length > 0
              ? `, and ${counted(runner.busy.length, 'run')} on it ${runner.busy.length === 1 ? 'is' : 'are'} lost`
              : ''}
            .
          </span>
          <button type="button" className="btn sm no" disabled={remove.isPending} onClick={() => remove.mutate()}>
            Remove {runner.name}
          </button>
          <button type="button" className="btn sm" onClick={() => setRemoving(false)}>
            Keep it
          </button>
        </>
      ) : (
        <>
          <button
            type="button"
            className="btn sm"
            disabled={drain.isPending}
            onClick={() => drain.mutate(!runner.draining)}
          >
            {runner.draining ? 'Take work again' : 'Drain'}
          </button>
          <button type="button" className="btn sm" onClick={() => setRemoving(true)}>
            Remove
          </button>
        </>
      )}
      {problem && <ProblemNotice problem={asProblem(problem)} />}
    </>
  )
}
