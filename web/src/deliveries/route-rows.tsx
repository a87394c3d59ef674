/** Where a workflow's route led an event: each row with what it expected and found; the ones that fit stand out. */
import type { AnswerOf } from '@viewportai/core/api/client'
import { Dot } from '../look/dot.tsx'
import { Icon } from '../look/icon.tsx'
import { Revealed } from '../text/revealed.tsx'

type Route = NonNullable<AnswerOf<'delivery', Response>['lines'][number]['route']>

export const RouteRows = ({ route }: { route: Route }) => (
  <>
    <p className="why">
      <span className={route.chosen === null ? 'wait' : undefined}>
        <Revealed text={route.why} />
      </span>
    </p>
    <table className="route">
      <thead>
        <tr>
          <th>Leads to</th>
          <th>Expected</th>
          <th>Found</th>
          <th className="num">Fits</th>
        </tr>
      </thead>
      <tbody>
        {route.rows.map((row) => (
          <tr key={row.row} className={row.fits && route.chosen === null ? 'odd' : undefined}>
            <td className={row.fits ? 'm' : 'mute'}>
              <Dot tone={row.fits ? (route.chosen === null ? 'wait' : 'done') : 'idle'} /> {row.leads}
            </td>
            <td className="mono dim">
              {row.conditions.map((one) => (
                <div key={one.field}>
                  {one.field} <Revealed text={one.expected} code />
                </div>
              ))}
            </td>
            <td className="mono">
              {row.conditions.map((one) => (
                <div key={one.field} className={one.pass ? undefined : 'mute'}>
                  <Revealed text={one.found} code />
                  {one.why && (
                    <div className="hint">
                      <Revealed text={one.why} />
                    </div>
                  )}
                </div>
              ))}
            </td>
            <td className="num nw">
              <Icon name={row.fits ? 'check' : 'x'} small className={row.fits ? 'done' : 'mute'} />{' '}
              <span className={`word ${row.fits ? 'dim' : 'mute'}`}>{row.fits ? 'yes' : 'no'}</span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </>
)
