/** How often each action may be done in an hour: those that the workspace chose, and another one to choose. */
import { actionForm, actionNames } from '@viewportai/core/action/actions'
import { capAtMost, isCapped } from '@viewportai/core/action/caps'
import { useId, useLayoutEffect, useState } from 'react'

type Caps = Readonly<Record<string, number>>

const usual = (action: string): number => actionForm(action)?.perHour ?? 0

export const CapsTable = ({
  caps,
  admin,
  onChange,
  onFit,
}: {
  caps: Caps
  admin: boolean
  onChange: (caps: Record<string, number>) => void
  /** Does each number fit? */
  onFit: (fit: boolean) => void
}) => {
  const id = useId()
  // A field that is empty for a moment holds no number; it is not sent, and it does not vanish.
  const [empty, setEmpty] = useState<readonly string[]>([])
  const others = actionNames.filter((name) => isCapped(name) && !Object.hasOwn(caps, name))
  const bad = Object.entries(caps).filter(([, most]) => !Number.isInteger(most) || most < 0 || most > capAtMost)
  const fit = bad.length === 0 && empty.length === 0
  // Before the browser shows it: "Save" is never there to press beside a number that does not fit.
  useLayoutEffect(() => onFit(fit), [fit, onFit])
  const without = (action: string): Record<string, number> =>
    Object.fromEntries(Object.entries(caps).filter(([name]) => name !== action))
  return (
    <>
      {Object.keys(caps).length > 0 && (
        <table className="caps">
          <thead>
            <tr>
              <th>Action</th>
              <th className="num">In an hour</th>
              <th className="num">Usual</th>
              {admin && (
                <th>
                  <span className="sr">Change</span>
                </th>
              )}
            </tr>
          </thead>
          <tbody>
            {Object.entries(caps).map(([action, most]) => (
              <tr key={action}>
                <td>
                  {actionForm(action)?.says} <code className="mute">{action}</code>
                </td>
                <td className="num">
                  <input
                    className="input"
                    inputMode="numeric"
                    aria-label={`${action} in an hour`}
                    aria-invalid={empty.includes(action) || bad.some(([name]) => name === action)}
                    value={empty.includes(action) ? '' : most}
                    onChange={({ target: { value } }) => {
                      const said = /^\d{1,6}$/.test(value)
                      if (value !== '' && !said) return
                      setEmpty(said ? empty.filter((name) => name !== action) : [...empty, action])
                      if (said) onChange({ ...caps, [action]: Number(value) })
                    }}
                  />
                </td>
                <td className="num mute">{usual(action)}</td>
                {admin && (
                  <td className="num">
                    <button
                      type="button"
                      className="btn sm"
                      onClick={() => {
                        setEmpty(empty.filter((name) => name !== action))
                        onChange(without(action))
                      }}
                    >
                      As usual<span className="sr"> for {action}</span>
                    </button>
                  </td>
                )}
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {!fit && <p className="stop">A number from 0 to {capAtMost.toLocaleString('en')}; 0 forbids the action.</p>}
      {admin ? (
        <div className="field">
          <label className="dim" htmlFor={id}>
            Another number for
          </label>
          <select
            id={id}
            className="select narrow"
            value=""
            onChange={({ target: { value } }) => value !== '' && onChange({ ...caps, [value]: usual(value) })}
          >
            <option value="">choose an action</option>
            {others.map((name) => (
              <option key={name} value={name}>
                {name} ({usual(name)})
              </option>
            ))}
          </select>
        </div>
      ) : (
        Object.keys(caps).length === 0 && <p className="dim">Every action as usual.</p>
      )}
    </>
  )
}
