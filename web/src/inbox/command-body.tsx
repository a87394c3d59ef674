/** A command as it would be run: one argument per line and as a JSON array, the folder, the reason given. Nothing is joined or cut. */
import type { Subject } from '@viewportai/core/gate/subject'
import { Icon } from '../look/icon.tsx'
import { isKept, Kept } from '../text/kept.tsx'
import { hiddenIn, Revealed } from '../text/revealed.tsx'

export const CommandBody = ({ subject }: { subject: Extract<Subject, { kind: 'command' }> }) => {
  const { where } = subject
  const hidden = hiddenIn([...subject.argv, subject.cwd, where?.repository ?? ''].join('\n'), true)
  return (
    <>
      <h2 className="h">
        Command{' '}
        <span className="mute">
          {subject.argv.length === 1 ? 'one word' : `${subject.argv.length} words, each on its own line`}
        </span>
      </h2>
      <ol className="argv" aria-label="Arguments">
        {subject.argv.map((word, at) => (
          <li key={at}>
            <i>{at}</i>
            <code>{word === '' ? <span className="mute">(empty)</span> : <Revealed text={word} code />}</code>
          </li>
        ))}
      </ol>
      {hidden && (
        <div className="flag">
          <Icon name="eye" />
          {hidden}
        </div>
      )}
      <dl className="facts">
        <div>
          <dt>As JSON</dt>
          <dd>
            <code className="json">
              <Revealed text={JSON.stringify(subject.argv)} code />
            </code>
          </dd>
        </div>
        <div>
          <dt>In folder</dt>
          <dd>
            <code>
              <Revealed text={subject.cwd} code />
            </code>
            {(subject.cwd === '.' || subject.cwd === '') && <span className="mute"> the root of the checkout</span>}
          </dd>
        </div>
        {where && (
          <>
            <div>
              <dt>Repository there</dt>
              <dd>
                {where.repository === null ? (
                  <span className="mute">none</span>
                ) : (
                  <>
                    <code>
                      <Revealed text={where.repository} code />
                    </code>
                    <span className="mute">
                      {where.repository === '.' ? ' the checkout' : ' not the checkout of this step'}
                    </span>
                  </>
                )}
              </dd>
            </div>
            <div>
              <dt>Environment</dt>
              <dd>
                <Revealed text={where.environment.join(', ')} code />{' '}
                <span className="mute">given by the runner, {where.digest}</span>
              </dd>
            </div>
          </>
        )}
        {subject.push && (
          <div>
            <dt>Would push</dt>
            <dd>
              <code>
                <Revealed text={subject.push.ref} code />
              </code>{' '}
              of <Revealed text={subject.push.change.repo} code />. The push was recorded, not sent.
            </dd>
          </div>
        )}
        <div>
          <dt>Reason given</dt>
          <dd>
            {isKept(subject.reason) ? (
              <Kept run={subject.run} />
            ) : subject.reason ? (
              <Revealed text={subject.reason} />
            ) : (
              <span className="mute">none</span>
            )}
          </dd>
        </div>
      </dl>
    </>
  )
}
