/** Which teams is somebody in? */
import type { AnswerOf } from '@viewportai/core/api/client'

export type Team = AnswerOf<'people', Response>['teams'][number]

/** `chosen`: slugs. */
export const TeamChoice = ({
  teams,
  chosen,
  onChange,
}: {
  teams: readonly Team[]
  chosen: readonly string[]
  onChange: (chosen: string[]) => void
}) => (
  <fieldset>
    <legend>Teams</legend>
    {teams.length === 0 && <p className="mute">There is no team yet.</p>}
    {teams.map(({ slug, name }) => (
      <label className="check" key={slug}>
        <input
          type="checkbox"
          checked={chosen.includes(slug)}
          onChange={(event) =>
            onChange(event.target.checked ? [...chosen, slug] : chosen.filter((one) => one !== slug))
          }
        />
        <span>
          {name} <code className="mute">{slug}</code>
        </span>
      </label>
    ))}
  </fieldset>
)
