/** An action outside, as it would be sent: what, to whom, with which parameters, each value whole. */
import type { Subject } from '@viewportai/core/gate/subject'
import { effectSays } from '@viewportai/core/view/effect-words'
import { Revealed } from '../text/revealed.tsx'

export const ActionBody = ({ subject }: { subject: Extract<Subject, { kind: 'action' }> }) => (
  <>
    <h2 className="h">
      Would be done <span className="mute">exactly this, once</span>
    </h2>
    <dl className="facts">
      <div>
        <dt>Action</dt>
        <dd>
          {effectSays(subject.action)} <code>{subject.action}</code>
        </dd>
      </div>
      <div>
        <dt>On</dt>
        <dd className="mono">
          <Revealed text={subject.target} code />
        </dd>
      </div>
      {Object.entries(subject.params).map(([name, value]) => (
        <div key={name}>
          <dt className="mono">
            <Revealed text={name} code />
          </dt>
          <dd className="value">
            <Revealed
              text={typeof value === 'string' ? value : JSON.stringify(value, null, 2)}
              code={typeof value !== 'string'}
            />
          </dd>
        </div>
      ))}
    </dl>
  </>
)
