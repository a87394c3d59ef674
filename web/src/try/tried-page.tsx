/** A try that goes on or has ended: where it is, the branch that came of it, and the workflow it can be kept as. */
import './try.css'
import '../run/run.css'
import { useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { whyNoCost } from '@viewportai/core/run/why-no-cost'
import { branchCommands } from '@viewportai/core/try/branch-commands'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { capital } from '../look/amounts.ts'
import { CopyText } from '../look/copy-text.tsx'
import { Pipe } from '../look/pipe.tsx'
import { Revealed } from '../text/revealed.tsx'
import { KeepForm } from './keep-form.tsx'
import { Step } from './step.tsx'

type Run = AnswerOf<'run', Response>

export const TriedPage = () => {
  const { run: id } = useParams({ strict: false })
  const answer = useQuery(questions.run(id ?? ''))
  const number = answer.data?.number
  return (
    <Page
      title={number === undefined ? 'Try' : `Try, run ${number}`}
      back="/runs"
      top={
        <>
          <Link to="/try" className="dim">
            Try it
          </Link>
          <span className="sep">/</span>
          <h1>Run {number ?? '…'}</h1>
        </>
      }
    >
      <Held answer={answer} what="the run">
        {(run) => (
          <div className="scroll fill">
            <div className="first try">
              <Tried run={run} />
            </div>
          </div>
        )}
      </Held>
    </Page>
  )
}

const Tried = ({ run }: { run: Run }) => {
  const over = run.finishedAt !== null
  const well = run.outcome === 'succeeded'
  return (
    <>
      <h2 className="verb">
        <Revealed text={run.title} />
      </h2>
      <div className="where">
        <Pipe chips={run.chips} />
      </div>
      <ol className="todo">
        <Step
          no={1}
          state={well ? 'was' : 'now'}
          title={
            well
              ? 'Planned, decided, changed, checked, decided'
              : over
                ? `The run ended: ${run.outcome}`
                : run.gate
                  ? 'It waits for a decision'
                  : run.state.words
          }
          aside={<Next run={run} />}
        >
          <p>
            {over && !well && run.outcomeWhy ? <Revealed text={run.outcomeWhy} /> : costSoFar(run)}
            {over && !well && ' No branch was pushed; the repository is as it was.'}
          </p>
        </Step>
        <Step
          no={2}
          state={well && run.change ? 'was' : 'later'}
          title={run.change && well ? 'The branch' : 'The branch, once you have approved the change'}
        >
          {run.change && well && <Branch change={run.change} />}
        </Step>
        <Step no={3} state={well ? 'now' : 'later'} title="Make this a workflow">
          <p>The same steps, for every task of this kind: by hand, or by a trigger that you add.</p>
          {well && <KeepForm workflow={run.workflow} repository={run.change?.repo ?? null} />}
        </Step>
      </ol>
    </>
  )
}

const costSoFar = ({ usage, finishedAt }: Run): string =>
  usage.usdMicros === null
    ? `${capital(whyNoCost(usage))}.`
    : `It ${finishedAt === null ? 'has cost' : 'cost'} ${(usage.usdMicros / 1_000_000).toFixed(2)} USD${finishedAt === null ? ' so far' : ''}.`

const Next = ({ run }: { run: Run }) =>
  run.gate !== null ? (
    <Link className="btn pri sm" to="/inbox/$gate" params={{ gate: run.gate }}>
      Open the card
    </Link>
  ) : run.finishedAt !== null && run.outcome !== 'succeeded' ? (
    <Link className="btn sm" to="/try" search={{ task: run.title }}>
      Try again
    </Link>
  ) : (
    <Link className="btn sm" to="/runs/$run" params={{ run: String(run.number) }}>
      Open the run
    </Link>
  )

const Branch = ({ change }: { change: NonNullable<Run['change']> }) => {
  const url = useQuery(questions.repositories()).data?.repositories.find((one) => one.name === change.repo)?.url
  const name = change.ref.replace(/^refs\/heads\//, '')
  const into = change.into.replace(/^refs\/heads\//, '')
  return (
    <>
      <p>
        <code>{name}</code> in {change.repo}. Nothing else was changed there.
      </p>
      {url !== undefined && <Commands url={url} name={change.ref} into={into} />}
    </>
  )
}

const Commands = ({ url, name, into }: { url: string; name: string; into: string }) => {
  const { look, merge, throwAway } = branchCommands({ url, ref: name, into })
  return (
    <dl className="facts">
      {(
        [
          ['Look at it', look],
          [`Merge into ${into}`, merge],
          ['Throw it away', throwAway],
        ] as const
      ).map(([what, command]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>
            <CopyText text={command} />
          </dd>
        </div>
      ))}
    </dl>
  )
}
