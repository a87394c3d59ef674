/** Where a workflow's route led an event: each row with what it expected and found; the ones that fit stand out. */
import type { AnswerOf } from '@viewportai/core/api/client'
import { Dot } from '../look/dot.tsx'
import { Revealed } from '../text/revealed.tsx'

type Route = NonNullable<AnswerOf<'delivery', Response>['lines'][number]['route']>

export const RouteRows = ({ route }: { route: Route }) => (
  <div className="route">
    <p className={route.chosen === null ? 'wait' : 'dim'}>{route.why}</p>
    <ol>
      {route.rows.map((row) => (
        <li key={row.row} className={row.fits ? 'm' : 'mute'}>
          <Dot tone={row.fits ? (route.chosen === null ? 'wait' : 'done') : 'idle'} />
          <span>
            {row.leads}{' '}
            <span className="mute">
              {row.conditions.map((one, at) => (
                <span key={one.field}>
                  {at > 0 && ', '}
                  {one.field} {one.expected}: found <Revealed text={one.found} code />{' '}
                  {one.pass ? '(fits)' : '(does not fit)'}
                </span>
              ))}
            </span>
          </span>
        </li>
      ))}
    </ol>
  </div>
)
