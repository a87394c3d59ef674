/** On which runner? The one that is there; a choice where several are; the way to one where none is. */
import type { AnswerOf } from '@viewportai/core/api/client'
import { When } from '../look/when.tsx'
import { PairField } from '../runners/pair-field.tsx'

export type Runner = AnswerOf<'runners', Response>['runners'][number]

/** The wanted one, else the first that takes work, else the one that was there last. */
export const chosenRunner = (runners: readonly Runner[], wanted: string | null): Runner | null =>
  runners.find(({ id }) => id === wanted) ??
  runners.find((one) => takesWork(one)) ??
  runners.toSorted((a, b) => (b.lastSeen ?? b.pairedAt) - (a.lastSeen ?? a.pairedAt))[0] ??
  null

export const takesWork = ({ online, draining }: Runner): boolean => online && !draining

export const RunnerChoice = ({
  runners,
  chosen,
  onChoose,
}: {
  runners: readonly Runner[]
  chosen: Runner | null
  onChoose: (id: string) => void
}) => {
  if (chosen === null)
    return (
      <>
        <p>Code, keys and agents stay on that machine. It prints a code and three words; type the code here.</p>
        <pre className="cmd">{'npm i -g @viewportai/daemon\nvpd pair --worker --transport=polling'}</pre>
        <PairField then="try" />
      </>
    )
  return (
    <>
      {runners.length > 1 && (
        <fieldset className="choice">
          <legend className="sr">Runner</legend>
          {runners.map((one) => (
            <label key={one.id}>
              <input type="radio" name="runner" checked={one.id === chosen.id} onChange={() => onChoose(one.id)} />
              <span>
                {one.name}{' '}
                <span className="mute">
                  pool {one.pool}, {standing(one)}
                </span>
              </span>
            </label>
          ))}
        </fieldset>
      )}
      {takesWork(chosen) ? (
        runners.length === 1 && <p>Code, keys and agents stay there.</p>
      ) : (
        <Absent runner={chosen} />
      )}
    </>
  )
}

const standing = ({ online, draining, lastSeen }: Runner): string =>
  online ? (draining ? 'draining: it takes no work' : 'online') : lastSeen === null ? 'not started yet' : 'away'

const Absent = ({ runner }: { runner: Runner }) =>
  runner.online ? (
    <p className="wait">
      It is draining: it finishes what it has and takes no work. Let it take work again on the runners page.
    </p>
  ) : (
    <>
      <p className="wait">
        {runner.lastSeen === null ? (
          'It is paired and was not started yet.'
        ) : (
          <>
            It has not answered since <When at={runner.lastSeen} as="moment" />.
          </>
        )}{' '}
        Start it on its machine; this page goes on by itself.
      </p>
      <pre className="cmd">vpd worker start --mode persistent --transport polling</pre>
    </>
  )
