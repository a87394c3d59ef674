/** What is known of a delivery besides the answers of the workflows: what came of it, how it came, who did it, how it is counted. */
import { Link } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { onlyByWebhook, wayWords } from '@viewportai/core/event/how-came'
import { linkCommand } from '@viewportai/core/event/link-command'
import { capital, counted } from '../look/amounts.ts'
import { Revealed } from '../text/revealed.tsx'
import { isTurnedAway } from './called.ts'
import { outcomeWords } from './filter.ts'

type Delivery = AnswerOf<'delivery', Response>

export const DeliveryFacts = ({ delivery }: { delivery: Delivery }) => {
  const { eventRead } = delivery
  return (
    <dl className="facts">
      <div>
        <dt>Verdict</dt>
        <dd>
          <Verdict delivery={delivery} />
        </dd>
      </div>
      <div>
        <dt>How it came</dt>
        <dd>
          <Came delivery={delivery} />
        </dd>
      </div>
      {eventRead && (
        <div>
          <dt>Actor</dt>
          <dd>
            <Revealed text={eventRead.actor.name} /> <span className="mono mute">{eventRead.actor.id}</span>{' '}
            <span className="dim">{trustSaid(eventRead.actor.trust, delivery.tool)}</span>
            <LinkIt actor={eventRead.actor} />
          </dd>
        </div>
      )}
      {!isTurnedAway(delivery) && (
        <div>
          <dt>Counted once</dt>
          <dd>
            {delivery.outcome === 'duplicate' && !isOfMaking(delivery)
              ? 'The event was known by then.'
              : delivery.repeats > 0
                ? `Sent ${counted(delivery.repeats + 1, 'time')} under one id; the first was taken, the others started nothing.`
                : 'Came once.'}{' '}
            <span className="mono mute">
              <Revealed text={delivery.dedupe} code />
            </span>
          </dd>
        </div>
      )}
    </dl>
  )
}

/** Another event of the same making started its workflows: this one was matched for itself, and the same event twice never is. */
const isOfMaking = ({ outcome, lines }: Delivery): boolean => outcome === 'duplicate' && lines.length > 0

/** The sentence of the list; the delivery that told of the same event before is a link. */
const Verdict = ({ delivery }: { delivery: Delivery }) => (
  <>
    <span className="m">{outcomeWords[delivery.outcome]}</span>
    {isTurnedAway(delivery) ? (
      ' at the door. Nothing of it was read, and only this line of it is kept.'
    ) : (
      <>
        : <Revealed text={delivery.verdict} />
      </>
    )}{' '}
    {delivery.sameAs !== null && (
      <Link className="link" to="/deliveries/$delivery" params={{ delivery: delivery.sameAs }}>
        Why that one started what it started
      </Link>
    )}
  </>
)

/** By which way it came, and whether a connection without a webhook would have heard of it. */
const Came = ({ delivery }: { delivery: Delivery }) => {
  const { source, tool, eventRead } = delivery
  const came = isTurnedAway(delivery) ? 'webhook' : delivery.came
  const only = came === 'webhook' && eventRead ? onlyByWebhook(tool, eventRead.event) : null
  return (
    <>
      {came === null ? capital(source) : wayWords[came]}
      {came !== null && (
        <>
          , from{' '}
          <Link className="link" to="/deliveries" search={{ from: source }}>
            {source}
          </Link>
        </>
      )}
      . {only}
    </>
  )
}

/** Of somebody whom nobody has linked: how an admin says who it is. */
const LinkIt = ({ actor }: { actor: NonNullable<Delivery['eventRead']>['actor'] }) => {
  const command = linkCommand(actor)
  return command === null ? null : (
    <p className="mute">
      Where it is one of you, an admin says so once: <code>{command}</code>
    </p>
  )
}

/** At a forge a collaborator is who may write to the repository; elsewhere whoever belongs to the company's own account of the tool. */
const trustSaid = (trust: keyof typeof trustWords, tool: string): string =>
  trust === 'collaborator' && tool !== 'github' && tool !== 'gitlab'
    ? `belongs to your ${tool === 'linear' ? 'organisation of Linear' : 'workspace of Slack'}, no member here`
    : trustWords[trust]

/** What each trust means for starting work. */
const trustWords: Readonly<Record<NonNullable<Delivery['eventRead']>['actor']['trust'], string>> = {
  member: 'a member of this workspace, by account id',
  collaborator: 'may write to the repository, no member here',
  source: 'the source itself, set up by an admin; no person',
  outsider: 'neither a member nor a collaborator',
  bot: 'a program; admitted by its id alone',
  self: 'a run of this workspace; starts nothing unless a workflow takes events of runs',
  unknown: 'cannot be told, so not trusted',
}
