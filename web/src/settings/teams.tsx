/** The teams: whom workflows ask. A new one is empty; people are put in at each of them. */
import { slugOf } from '@viewportai/core/slug'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgainAt } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { ProblemNotice } from '../look/notice.tsx'
import type { Person } from './person-line.tsx'
import type { Team } from './team-choice.tsx'

export const Teams = ({
  teams,
  people,
  admin,
}: {
  teams: readonly Team[]
  people: readonly Person[]
  admin: boolean
}) => (
  <section className="teams" aria-label="Teams">
    <h2 className="b">Teams</h2>
    <p className="mute">A workflow names its team; whoever is in it is asked. A gate may name another.</p>
    {teams.length > 0 && (
      <table>
        <thead>
          <tr>
            <th>Team</th>
            <th>In workflows</th>
            <th>People</th>
          </tr>
        </thead>
        <tbody>
          {teams.map(({ id, slug, name, members }) => (
            <tr key={id}>
              <td className="m">{name}</td>
              <td>
                <code>{slug}</code>
              </td>
              <td className={members.length === 0 ? 'wait' : undefined}>
                {members.length === 0
                  ? 'nobody: what it is asked, nobody can answer'
                  : people
                      .filter((one) => members.includes(one.id))
                      .map((one) => `@${one.handle}`)
                      .join(', ')}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    {admin && <NewTeam taken={teams.map(({ slug }) => slug)} />}
  </section>
)

const NewTeam = ({ taken }: { taken: readonly string[] }) => {
  const [name, setName] = useState('')
  const slug = slugOf(name, 39)
  const look = useLookAgainAt('people', 'workflows', 'workflow')
  const add = useMutation({
    mutationFn: () => api.addTeam({ body: { slug, name: name.trim() } }),
    onSuccess: () => {
      setName('')
      void look()
    },
  })
  const there = taken.includes(slug)
  return (
    <form
      className="field"
      onSubmit={(event) => {
        event.preventDefault()
        if (slug !== '' && !there) add.mutate()
      }}
    >
      <label className="dim" htmlFor="team">
        New team
      </label>
      <input
        id="team"
        className="input narrow"
        placeholder="Payments"
        maxLength={120}
        value={name}
        onChange={(event) => setName(event.target.value)}
      />
      <button className="btn" disabled={slug === '' || there || add.isPending}>
        Add the team
      </button>
      <span className={there ? 'stop' : 'limit'}>
        {there ? `there is a team ${slug} already` : slug !== '' && `${slug} in workflows`}
      </span>
      {add.isError && <ProblemNotice problem={asProblem(add.error)} />}
    </form>
  )
}
