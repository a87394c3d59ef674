/** Why an event started work, or did not: every workflow, each condition with what was expected and what was found. */
import './deliveries.css'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useParams } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { api } from '../api/call.ts'
import { useLookAgain } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { capital, counted, inWords } from '../look/amounts.ts'
import { Badge } from '../look/badge.tsx'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import { ScrollArea } from '../look/scroll-area.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'
import { calledAs } from './called.ts'
import { DeliveryFacts } from './delivery-facts.tsx'
import { Elsewhere, MatchReport } from './match-report.tsx'

type Delivery = AnswerOf<'delivery', Response>

export const WhyPage = () => {
  const { delivery = '' } = useParams({ strict: false })
  const answer = useQuery(questions.delivery(delivery))
  return (
    <Page
      title="Why it started"
      back="/deliveries"
      top={
        <>
          <Link to="/deliveries" className="dim">
            Deliveries
          </Link>
          <span className="sep">/</span>
          <strong className="cut">
            <Revealed text={answer.data ? calledAs(answer.data) : '…'} />
          </strong>
        </>
      }
    >
      <ScrollArea className="fill" label="Report">
        <Held answer={answer} what="the delivery">
          {(found) => <Why delivery={found} />}
        </Held>
      </ScrollArea>
    </Page>
  )
}

/** One that was set aside, or could not be read, is worked on again with its stored bytes. */
const ReadAgain = ({ delivery }: { delivery: string }) => {
  const again = useMutation({
    mutationFn: () => api.readDeliveryAgain({ params: { delivery }, body: {} }),
    onSettled: useLookAgain('delivery'),
  })
  return (
    <>
      <p>
        <button type="button" className="btn sm" disabled={again.isPending} onClick={() => again.mutate()}>
          Work on it again
        </button>
      </p>
      {again.isError && <ProblemNotice problem={asProblem(again.error)} />}
    </>
  )
}

const Why = ({ delivery }: { delivery: Delivery }) => {
  const event = delivery.eventRead
  return (
    <div className="doc">
      <h1 className="verb">{headline(delivery)}</h1>
      <p className="by">
        <span>
          <b className="m">
            <Revealed text={calledAs(delivery)} />
          </b>
          {delivery.actor !== '' && (
            <>
              {' '}
              by <Revealed text={delivery.actor} />
            </>
          )}
        </span>
        <span className="mute">
          {delivery.tool} {delivery.event} · received <When at={delivery.at} as="second" /> · delivery {delivery.id}
          {delivery.repeats > 0 ? ` · sent ${counted(delivery.repeats + 1, 'time')}, counted once` : ''}
        </span>
      </p>
      <div className="badges">
        {delivery.lines.length > 0 && <Badge>Checked against {counted(delivery.lines.length, 'workflow')}</Badge>}
        {event && (
          <Badge {...(trusted.has(event.actor.trust) ? {} : { tone: 'wait' as const })}>
            {startedBy[event.actor.trust]}
          </Badge>
        )}
        {event?.outsideText && (
          <Badge tone="taint" icon="eye">
            Holds text from outside
          </Badge>
        )}
      </div>
      {delivery.problem && <Notice tone={delivery.state === 'failed' ? 'stop' : 'wait'} title={delivery.problem} />}
      {delivery.again && <ReadAgain delivery={delivery.id} />}
      <DeliveryFacts delivery={delivery} />
      {delivery.lines.length > 0 && (
        <div className="report">
          {sorted(delivery.lines.filter(wasAsked)).map((line) => (
            <MatchReport key={line.workflow} line={line} runs={delivery.runs} delivery={delivery.id} />
          ))}
          {delivery.lines.some((line) => !wasAsked(line)) && (
            <Elsewhere lines={delivery.lines.filter((line) => !wasAsked(line))} delivery={delivery.id} />
          )}
        </div>
      )}
      {delivery.lines.length === 0 && (
        <p className="mute note">
          {delivery.outcome === 'no_match' ? 'No workflow is enabled.' : 'No workflow was asked.'}
        </p>
      )}
      {event && (event.text || Object.keys(event.fields).length > 0) && <Event event={event} />}
      <p className="mute note">
        This report was written when the event arrived. Later edits at its source do not change it.
      </p>
    </div>
  )
}

/** Who is behind it, by how far they are trusted: decided by id, never by a name. */
const startedBy: Readonly<Record<NonNullable<Delivery['eventRead']>['actor']['trust'], string>> = {
  member: 'From a member',
  collaborator: 'From a collaborator',
  source: 'From the source itself, no person',
  outsider: 'From someone outside',
  bot: 'From a bot',
  self: 'From a run of this workspace',
  unknown: 'From nobody we know',
}

/** Nobody need look twice at these: a member, and what an admin set up. */
const trusted: ReadonlySet<string> = new Set(['member', 'source'])

const wasAsked = (line: Delivery['lines'][number]): boolean => line.conditions.length > 0

const sorted = (lines: Delivery['lines']): Delivery['lines'] => lines.toSorted((a, b) => rank(a) - rank(b))
const rank = (line: Delivery['lines'][number]): number => (line.matched ? 0 : line.near ? 1 : 2)

const headline = (delivery: Delivery): string => {
  if (delivery.state === 'stored') return 'It arrived and is being read.'
  if (delivery.state === 'refused' || delivery.state === 'failed') return capital(delivery.verdict)
  const started = delivery.lines.filter((line) => line.run !== null).length
  const fits = delivery.lines.filter((line) => line.matched && line.run === null).length
  const near = delivery.lines.filter((line) => line.near && !line.matched).length
  const begin =
    started === 0
      ? fits === 0
        ? 'No workflow started.'
        : fits === 1
          ? 'One workflow fits, and did not start.'
          : `${capital(inWords(fits))} workflows fit, and none started.`
      : `${capital(inWords(started))} ${started === 1 ? 'workflow' : 'workflows'} started.`
  return near > 0 ? `${begin} ${capital(inWords(near))} nearly did.` : begin
}

const Event = ({ event }: { event: NonNullable<Delivery['eventRead']> }) => (
  <details className="event">
    <summary>The event as it was read</summary>
    <dl className="facts">
      {Object.entries(event.fields).map(([name, value]) => (
        <div key={name}>
          <dt className="mono">{name}</dt>
          <dd className="mono">
            <Revealed text={Array.isArray(value) ? value.join(', ') : String(value)} code />
          </dd>
        </div>
      ))}
    </dl>
    {event.text && (
      <pre className="cmd">
        <Revealed text={event.text} />
      </pre>
    )}
  </details>
)
