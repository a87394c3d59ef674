/** Facts about a run: where it runs, cost, what left the machine, packet. */
import { useMutation } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import type { AnswerOf } from '@viewportai/core/api/client'
import { modelWords } from '@viewportai/core/view/model-words'
import { api, packetPath } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { isolationWords } from '../inbox/isolation.ts'
import { bytes, shortCost, shortTokens } from '../look/amounts.ts'
import { CostSection } from '../look/cost-section.tsx'
import { Digest } from '../look/digest.tsx'
import { Icon } from '../look/icon.tsx'
import { KeyValue } from '../look/key-value.tsx'
import { When } from '../look/when.tsx'
import { PullOfRun } from './pull.tsx'

type Run = AnswerOf<'run', Response>

/** The name the server gives the file. */
const packetName = (number: number): string => `run-${number}.packet.zip`

export const RunSide = ({ run }: { run: Run }) => (
  <div className="side scroll">
    {run.pull && <PullOfRun pull={run.pull} />}
    <RunsOn run={run} />
    <CostSection usage={run.usage} budgetUsd={run.budget.usd}>
      {run.steps
        .filter((step) => step.usage.source !== 'none')
        .map((step) => (
          <Fragment key={step.id}>
            <KeyValue label={[step.label, step.detail].filter(Boolean).join(' ')}>
              {[shortCost(step.usage), shortTokens(step.usage)].filter(Boolean).join(' · ')}
            </KeyValue>
            {modelWords(step.usage, step.model).map((words) => (
              <p key={words} className="mute">
                {words}
              </p>
            ))}
          </Fragment>
        ))}
    </CostSection>
    <section>
      <h2>What left the machine</h2>
      <KeyValue label="Facts, metadata">
        {run.left.facts} · {bytes(run.left.factBytes)}
      </KeyValue>
      <KeyValue label="File paths">{run.left.paths}</KeyValue>
      <KeyValue label="Bodies stored away" tone={run.left.bodiesStored === 0 ? 'done' : undefined}>
        {run.left.bodiesStored}
      </KeyValue>
      <KeyValue label="Served to reviewers">
        {run.left.served}
        {run.left.served > 0 && ` · ${bytes(run.left.servedBytes)}`}
      </KeyValue>
      <p>
        <Link className="link" to="/runs/$run" params={{ run: String(run.number) }} search={{ show: 'left' }}>
          All of it, by field
        </Link>
      </p>
    </section>
    <section>
      <h2>Packet</h2>
      <KeyValue label={`Head, ${run.head.count} facts`}>
        <Digest of={run.head.hash} what="head of the chain" />
      </KeyValue>
      <KeyValue label="Workflow">
        <Digest of={run.workflowDigest} what="workflow digest" />
      </KeyValue>
      <KeyValue label="Run spec">
        <Digest of={run.specDigest} what="run spec digest" />
      </KeyValue>
      <p className="mono packet">
        vpd audit verify <span className="nw">{packetName(run.number)}</span>
      </p>
      <a className="btn sm" href={packetPath(run.run)} download={packetName(run.number)}>
        <Icon name="down" small />
        Download the packet
      </a>
    </section>
  </div>
)

const RunsOn = ({ run }: { run: Run }) => {
  const move = useMutation({
    mutationFn: () => api.moveRun({ params: { run: run.run }, body: { runner: null } }),
    onSettled: useLookAgain('run'),
  })
  const on = run.runsOn
  if (!on)
    return (
      <section>
        <h2>Runs on</h2>
        <p>
          {run.why ? (
            <span className="wait">{run.why}</span>
          ) : run.finishedAt === null ? (
            'No runner has taken it yet.'
          ) : (
            'No runner took it.'
          )}
        </p>
      </section>
    )
  const held = on.isolation && isolationWords(on.isolation)
  return (
    <section>
      <h2>Runs on</h2>
      <KeyValue label="Runner" tone={on.online ? undefined : 'wait'}>
        <Link className="link" to="/runners">
          {on.name}
        </Link>
      </KeyValue>
      <KeyValue label="Pool">{on.pool}</KeyValue>
      {held && on.isolation && (
        <>
          <KeyValue label="Isolation" tone={on.isolation.level === 'none' ? 'wait' : undefined}>
            {held.short}, {held.network}
          </KeyValue>
          <KeyValue label="Processes">{held.processes}</KeyValue>
          <KeyValue label="Model gateway">{on.isolation.modelGateway ? 'on' : 'off'}</KeyValue>
          <KeyValue label="Git gateway">{on.isolation.gitGateway ? 'on' : 'off'}</KeyValue>
        </>
      )}
      {!on.online && run.finishedAt === null && (
        <>
          <p className="wait">
            {on.lastSeen === null ? (
              'It has not answered yet.'
            ) : (
              <>
                It has not answered since <When at={on.lastSeen} as="moment" />. Its clone, evidence and session are
                there.
              </>
            )}
          </p>
          <button type="button" className="btn sm" disabled={move.isPending} onClick={() => move.mutate()}>
            Let another runner continue
          </button>
          {move.isError && <p className="stop">{asProblem(move.error).message}</p>}
        </>
      )}
    </section>
  )
}
