/** Somebody is added: handle, name, what they may do, their teams. They come in by a link that is made afterwards. */
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgainAt } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { FieldLine } from '../look/field-line.tsx'
import { focusHere } from '../look/focus-here.ts'
import { ProblemNotice } from '../look/notice.tsx'
import type { Person } from './person-line.tsx'
import { RoleChoice, type Role } from './role-choice.tsx'
import { TeamChoice, type Team } from './team-choice.tsx'

export const AddPerson = ({
  people,
  teams,
  onEnd,
}: {
  people: readonly Person[]
  teams: readonly Team[]
  onEnd: () => void
}) => {
  const [typed, setHandle] = useState('')
  const [name, setName] = useState('')
  const [role, setRole] = useState<Role>('member')
  const [chosen, setChosen] = useState<string[]>([])
  const handle = typed.trim().replace(/^@/, '')
  const look = useLookAgainAt('people')
  const add = useMutation({
    mutationFn: () => api.addPerson({ body: { handle, name: name.trim(), email: null, role, teams: chosen } }),
    onSuccess: async () => {
      await look()
      onEnd()
    },
  })
  const wrong =
    handle === ''
      ? null
      : !/^[a-z0-9][a-z0-9_-]{0,38}$/.test(handle)
        ? 'Small letters, digits, - and _; it begins with a letter or digit.'
        : people.some((one) => one.handle === handle)
          ? `There is somebody called @${handle} already.`
          : null
  const ready = handle !== '' && wrong === null && name.trim() !== ''
  return (
    <section className="setnew appears" aria-label="Add a person">
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) add.mutate()
        }}
      >
        <FieldLine
          label="Handle"
          says="How people and workflows call them: dana, written @dana. It never changes."
          wrong={wrong}
        >
          {(id) => (
            <input
              id={id}
              ref={focusHere}
              className="input narrow"
              placeholder="dana"
              autoCapitalize="none"
              autoComplete="off"
              spellCheck={false}
              maxLength={40}
              aria-invalid={wrong !== null}
              value={typed}
              onChange={(event) => setHandle(event.target.value)}
            />
          )}
        </FieldLine>
        <FieldLine label="Name">
          {(id) => (
            <input
              id={id}
              className="input"
              placeholder="Dana Reyes"
              autoComplete="off"
              maxLength={120}
              value={name}
              onChange={(event) => setName(event.target.value)}
            />
          )}
        </FieldLine>
        <RoleChoice role={role} onChange={setRole} />
        <TeamChoice teams={teams} chosen={chosen} onChange={setChosen} />
        {add.isError && <ProblemNotice problem={asProblem(add.error)} />}
        <div className="field">
          <button className="btn pri" disabled={!ready || add.isPending}>
            Add {handle === '' ? 'them' : `@${handle}`}
          </button>
          <button type="button" className="btn" onClick={onEnd}>
            Close
          </button>
          <span className="limit">then make a link that lets them in</span>
        </div>
      </form>
    </section>
  )
}
