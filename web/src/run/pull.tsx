/** The pull request of a run: how it stands, what its checks say, and when it was looked at last. */
import type { AnswerOf } from '@viewportai/core/api/client'
import { Badge } from '../look/badge.tsx'
import { KeyValue } from '../look/key-value.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'

type Pull = NonNullable<AnswerOf<'run', Response>['pull']>

export const PullOfRun = ({ pull }: { pull: Pull }) => (
  <section>
    <h2>{pull.tool === 'gitlab' ? 'Merge request' : 'Pull request'}</h2>
    <KeyValue label={<PullName pull={pull} />}>
      <Badge tone={toneOf(pull)}>{standing(pull)}</Badge>
    </KeyValue>
    {pull.by && (
      <KeyValue label={pull.state === 'merged' ? 'Merged by' : 'Closed by'}>
        <Revealed text={pull.by} />
      </KeyValue>
    )}
    {pull.commit && (
      <KeyValue label="Merge">
        <code>{pull.commit.slice(0, 12)}</code>
      </KeyValue>
    )}
    {pull.reverted && (
      <KeyValue label="Reverted by" tone="stop">
        <code>{pull.reverted.commit.slice(0, 12)}</code>
      </KeyValue>
    )}
    {pull.state === 'open' && (
      <KeyValue label="Checks there" tone={pull.checks ? checkTones[pull.checks.outcome] : undefined}>
        {pull.checks ? checkWords(pull.checks) : 'not ended yet'}
      </KeyValue>
    )}
    {pull.rounds > 0 && (
      <KeyValue label="Went on after it">{pull.rounds === 1 ? 'once' : `${pull.rounds} times`}</KeyValue>
    )}
    {pull.unapproved && (
      <p className="stop">
        Merged at <code>{pull.unapproved.head.slice(0, 12)}</code>
        {pull.unapproved.why === 'foreign'
          ? ', which this run did not push. Nobody approved that here.'
          : ', which nobody had approved here.'}
      </p>
    )}
    {pull.moved && !pull.unapproved && (
      <p className="stop">
        Somebody else pushed <code>{pull.moved.slice(0, 12)}</code> to it. Nobody approved that here.
      </p>
    )}
    {pull.problem ? (
      <p className="wait">
        It cannot be looked at: <Revealed text={pull.problem} />
      </p>
    ) : (
      pull.seenAt !== null && (
        <p className="mute">
          Seen <When at={pull.seenAt} as="ago" />
          {pull.byRunner && ' by a runner'}.
          {pull.state === 'open' && ' Reviews of people here and failed checks send the step back.'}
          {pull.state === 'open' && pull.byRunner && ' An approval there is no vote: approve in Viewport.'}
        </p>
      )
    )}
  </section>
)

const PullName = ({ pull }: { pull: Pull }) =>
  pull.url ? (
    <a className="link" href={pull.url} rel="noreferrer" target="_blank">
      {pull.ref}
    </a>
  ) : (
    <>{pull.ref}</>
  )

const standing = ({ state, draft, reverted }: Pull): string =>
  reverted
    ? 'reverted'
    : state === 'closed'
      ? 'closed unmerged'
      : state === 'merged'
        ? 'merged'
        : draft
          ? 'draft'
          : 'open'
const toneOf = ({ state, reverted, unapproved }: Pull): 'stop' | 'done' | 'run' =>
  reverted || unapproved || state === 'closed' ? 'stop' : state === 'merged' ? 'done' : 'run'
const checkTones = {
  passed: 'done',
  failed: 'stop',
  none: undefined,
  unfinished: 'wait',
  unseen: 'wait',
  running: 'wait',
} as const
const checkWords = ({ outcome, total, failed }: NonNullable<Pull['checks']>): string =>
  ({
    passed: total === 1 ? '1 passed' : `${total} passed`,
    failed: `${failed.join(', ')} failed`,
    none: 'none reported',
    unfinished: 'still running',
    running: 'running again',
    unseen: 'could not be seen: nobody knows whether they passed',
  })[outcome]
