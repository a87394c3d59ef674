/**
 * One task on a repository of one's own, from the runner to the first plan: a page that fills in as one goes.
 * Nothing is added to the workspace, and nothing begins, before its last button.
 */
import './try.css'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { Icon } from '../look/icon.tsx'
import { Notice } from '../look/notice.tsx'
import { Skeleton } from '../look/waiting.tsx'
import { Revealed } from '../text/revealed.tsx'
import { FoundFacts } from './found.tsx'
import { LookNotice } from './look-notice.tsx'
import { RepositoryFields } from './repository-fields.tsx'
import { chosenRunner, RunnerChoice, takesWork, type Runner } from './runner-choice.tsx'
import { Step } from './step.tsx'
import { TaskForm } from './task-form.tsx'
import { useLook } from './use-look.ts'

/** What an address of this page may carry: a look that goes on or has ended, and what a page before has filled in. */
export type TrySearch = { look?: string; repository?: string; task?: string }

export const TryPage = () => {
  const me = useQuery(questions.me()).data
  return (
    <Page title="Try it on your repository" top={<h1>Try it</h1>} back="/runs">
      <div className="scroll fill">
        <div className="first try">
          <h2 className="verb">Try it on your repository</h2>
          <p className="lead">
            An agent does one task: it plans and waits for you, changes a clone, runs the checks, and waits for you
            again. Your repository gets one branch, after you approved it.
          </p>
          {me === undefined ? (
            <Skeleton what="what is there" lines={6} />
          ) : me.person.role === 'admin' ? (
            <Steps />
          ) : (
            <NotAdmin />
          )}
        </div>
      </div>
    </Page>
  )
}

const Steps = () => {
  const search = useSearch({ strict: false }) as TrySearch
  const navigate = useNavigate()
  const runners = useQuery(questions.runners())
  const [picked, setPicked] = useState<string | null>(null)
  const [text, setText] = useState(search.task ?? '') // kept while one looks again
  const asked = useLook(search.look ?? null)
  const { look } = asked
  const found = look?.state === 'looked' ? look.found : null
  const lookAt = (id: string | undefined) =>
    void navigate({ to: '/try', search: { ...search, look: id }, replace: true })
  return (
    <Held answer={runners} what="runners">
      {({ runners: all }) => {
        const runner = chosenRunner(all, look?.runner.id ?? picked)
        const ready = runner !== null && takesWork(runner)
        return (
          <ol className="todo">
            <Step no={1} state={ready ? 'was' : 'now'} title={runnerTitle(runner)}>
              <RunnerChoice
                runners={all}
                chosen={runner}
                onChoose={(id) => {
                  setPicked(id)
                  if (look) lookAt(undefined)
                }}
              />
            </Step>
            {runner !== null && (ready || look !== null) ? (
              <RepositoryStep
                key={look?.id ?? 'none'}
                runner={runner}
                ready={ready}
                asked={asked}
                wanted={search.repository}
                onAsked={lookAt}
              />
            ) : (
              <Step no={2} state="later" title="Which repository" />
            )}
            <Step no={3} state={found ? 'now' : 'later'} title="The task">
              {found && look && runner && (
                <TaskForm key={look.id} runner={runner} look={look} found={found} text={text} onText={setText} />
              )}
            </Step>
          </ol>
        )
      }}
    </Held>
  )
}

const runnerTitle = (runner: Runner | null): string =>
  runner === null
    ? 'Pair a runner where your code lives'
    : takesWork(runner)
      ? `${runner.name} is online`
      : runner.online
        ? `${runner.name} takes no work`
        : runner.lastSeen === null
          ? `Start ${runner.name}`
          : `${runner.name} is away`

const RepositoryStep = ({
  runner,
  ready,
  asked: { look, gone },
  wanted,
  onAsked,
}: {
  runner: Runner
  ready: boolean
  asked: ReturnType<typeof useLook>
  wanted: string | undefined
  onAsked: (look: string) => void
}) => {
  const [changing, setChanging] = useState(false)
  const found = look?.state === 'looked' ? look.found : null
  const known = useQuery(questions.repositories()).data?.repositories
  const name = look && (known?.find((one) => one.url === look.url)?.name ?? look.url.replace(/^(https|file):\/\//, ''))
  return (
    <Step
      no={2}
      state={found ? 'was' : ready ? 'now' : 'later'}
      title={
        found && name ? (
          <span className="mono">
            <Revealed text={name} code />
          </span>
        ) : (
          'Which repository'
        )
      }
      aside={
        found && !changing ? (
          <button type="button" className="btn sm" onClick={() => setChanging(true)}>
            Change
          </button>
        ) : undefined
      }
    >
      {(!found || changing) && <RepositoryFields runner={runner} look={look} wanted={wanted} onAsked={onAsked} />}
      {gone && (
        <Notice tone="plain" title="That look is forgotten">
          What a runner finds is kept for an hour, and a newer question takes the place of one that is open. Ask again.
        </Notice>
      )}
      {look && <LookNotice look={look} />}
      {found && look && <FoundFacts look={look} found={found} />}
    </Step>
  )
}

const NotAdmin = () => {
  const people = useQuery(questions.people()).data?.people ?? []
  const admins = people.filter((one) => one.role === 'admin' && one.active)
  return (
    <>
      <Notice tone="plain" title="A workspace admin sets it up">
        It asks a runner to read a repository, and adds the repository and a workflow to the workspace
        {admins.length > 0
          ? `. Ask ${admins
              .map((one) => `@${one.handle}`)
              .slice(0, 3)
              .join(' or ')}`
          : ''}
        .
      </Notice>
      <p className="lead">A workflow that is enabled you can start by hand, with a task of yours.</p>
      <Link className="btn" to="/workflows">
        <Icon name="flow" small />
        Workflows
      </Link>
    </>
  )
}
