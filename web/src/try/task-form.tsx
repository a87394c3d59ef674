/** The task: what should be done, by which agent, proved by what, for how much at most; and what that means, before the button. */
import { ableAgents, isScript } from '@viewportai/core/try/choose-agent'
import type { Found } from '@viewportai/core/try/looked'
import { costWords, courseWords, leavesWords, writesWords } from '@viewportai/core/try/words'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { ProblemNotice } from '../look/notice.tsx'
import { noWallMeans } from '../runners/without-wall.tsx'
import { Revealed } from '../text/revealed.tsx'
import { Readiness } from '../workflows/readiness.tsx'
import { Additions } from './additions.tsx'
import { AgentChoice } from './agent-choice.tsx'
import { takesWork, type Runner } from './runner-choice.tsx'
import type { Look } from './use-look.ts'
import { NotReady, useStart } from './use-start.ts'

/** Kinds of tasks that agents do well enough to judge them by, each in the words it takes. */
const examples = [
  [
    'A bug by its symptom',
    'Orders with a discount are rounded one cent too high. Find out why, fix it, and add a test that fails without the fix.',
  ],
  ['A test that is missing', 'The parser has no test for an empty file. Add one, and mend what it finds.'],
  ['A rename', 'Rename Price to Amount everywhere, comments and docs too, without changing what anything does.'],
] as const

export const TaskForm = ({
  runner,
  look,
  found,
  text,
  onText: setText,
}: {
  runner: Runner
  look: Look
  found: Found
  text: string
  onText: (text: string) => void
}) => {
  const [named, setNamed] = useState<string | null>(null)
  const [checks, setChecks] = useState('')
  const [budget, setBudget] = useState('5')
  const [bare, setBare] = useState(false)
  const start = useStart()
  const agent = found.agents.find(({ name }) => name === named) ?? ableAgents(found.agents)[0] ?? null
  const past = useQuery({ ...questions.pastCost(agent?.name ?? ''), enabled: agent !== null }).data ?? null
  const own = checks
    .split('\n')
    .map((one) => one.trim())
    .filter(Boolean)
  const budgetUsd = Number(budget)
  const affordable = Number.isFinite(budgetUsd) && budgetUsd > 0 && budgetUsd <= 1_000
  const unwalled = found.isolation.level === 'none' && agent !== null && !isScript(agent.name) && runner.noWall === null
  const ready = text.trim() !== '' && agent !== null && affordable && (!unwalled || bare)
  const submit = () => {
    if (!ready || start.isPending) return
    start.mutate({
      runner,
      url: look.url,
      branch: found.repository.branch,
      agent: agent.name,
      text,
      checks: own,
      own: found.checks.commands,
      budgetUsd,
      acceptNoWall: unwalled && bare,
    })
  }
  return (
    <form
      className="form"
      onSubmit={(event) => {
        event.preventDefault()
        submit()
      }}
    >
      <div>
        <label htmlFor="task">What should be done</label>
        <textarea
          id="task"
          className="area"
          rows={4}
          maxLength={200_000}
          value={text}
          onChange={(event) => setText(event.target.value)}
          placeholder={examples[0][1]}
          aria-describedby="task-note"
        />
        <p id="task-note" className="limit">
          The first line is its title. For example:{' '}
          {examples.map(([kind, words], at) => (
            <span key={kind}>
              {at > 0 && ' · '}
              <button type="button" className="link" onClick={() => setText(words)}>
                {kind}
              </button>
            </span>
          ))}
        </p>
      </div>
      <AgentChoice agents={found.agents} chosen={agent} onChoose={setNamed} />
      <div className="pair">
        <div>
          <label htmlFor="checks">Checks</label>
          <textarea
            id="checks"
            className="area mono"
            rows={2}
            value={checks}
            onChange={(event) => setChecks(event.target.value)}
            placeholder={found.checks.commands.join('\n') || 'make test'}
            spellCheck={false}
            aria-describedby="checks-note"
          />
          <p id="checks-note" className="limit">
            {found.checks.from === null
              ? 'one command a line; empty: you are asked whether to go on untested'
              : 'one command a line; empty: the repository’s own'}
          </p>
        </div>
        <div>
          <label htmlFor="budget">Budget, USD</label>
          <input
            id="budget"
            className="input"
            inputMode="decimal"
            value={budget}
            onChange={(event) => setBudget(event.target.value)}
            aria-invalid={!affordable}
            aria-describedby="budget-note"
          />
          <p id="budget-note" className={affordable ? 'limit' : 'wrong'}>
            {!affordable
              ? 'from 0.01 to 1000'
              : agent === null || agent.model.way === 'gateway'
                ? 'it is stopped there'
                : 'nothing is counted with this agent'}
          </p>
        </div>
      </div>
      {agent && (
        <dl className="facts">
          <div>
            <dt>Cost</dt>
            <dd>{costWords({ agent, looked: found, budgetUsd: affordable ? budgetUsd : 0, past })}</dd>
          </div>
          <div>
            <dt>Leaves</dt>
            <dd>
              <Revealed text={leavesWords({ agent, looked: found })} />
            </dd>
          </div>
          <div>
            <dt>Writes</dt>
            <dd>{writesWords}</dd>
          </div>
          <div>
            <dt>Adds here</dt>
            <dd>
              <Additions runner={runner} url={look.url} />
            </dd>
          </div>
        </dl>
      )}
      {unwalled && (
        <fieldset>
          <legend>Without a wall</legend>
          <p className="limit wait">
            Nothing walls agents off from {runner.name}. {noWallMeans}
          </p>
          <label className="check">
            <input type="checkbox" checked={bare} onChange={(event) => setBare(event.target.checked)} />
            <span>Let agents work on {runner.name} all the same</span>
          </label>
        </fieldset>
      )}
      {start.error instanceof NotReady ? (
        <Readiness missing={start.error.missing} resolved={[]} />
      ) : (
        start.isError && <ProblemNotice problem={asProblem(start.error)} />
      )}
      <p className="dim">{courseWords}</p>
      {!takesWork(runner) && <p className="wait">{runner.name} takes no work now: the run waits until it does.</p>}
      <div>
        <button className="btn pri" disabled={!ready || start.isPending}>
          Plan, then ask you
        </button>
      </div>
    </form>
  )
}
