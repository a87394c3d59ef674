/** One person: role and teams, a link that lets them in, and the end of their access. */
import { useMutation } from '@tanstack/react-query'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { useLookAgainAt } from '../api/look-again.ts'
import { asProblem } from '../api/problem.ts'
import { PersonMark } from '../look/avatar.tsx'
import { CopyText } from '../look/copy-text.tsx'
import { Notice, ProblemNotice } from '../look/notice.tsx'
import { When } from '../look/when.tsx'
import { RoleChoice } from './role-choice.tsx'
import { TeamChoice, type Team } from './team-choice.tsx'

export type Person = AnswerOf<'people', Response>['people'][number]

export const PersonLine = ({
  person,
  teams,
  admin,
  isMe,
}: {
  person: Person
  teams: readonly Team[]
  admin: boolean
  isMe: boolean
}) => {
  const [changing, setChanging] = useState(false)
  const link = useMutation({ mutationFn: () => api.signInLink({ params: { person: person.id } }) })
  const named = teams.filter(({ slug }) => person.teams.includes(slug)).map(({ name }) => name)
  return (
    <article className="setrow person" aria-label={`@${person.handle}`}>
      <header>
        <PersonMark name={person.handle} />
        <h2 className={person.active ? 'm' : 'mute'}>@{person.handle}</h2>
        <span className="mute">
          {person.name}
          {isMe ? ', you' : ''}
        </span>
        {!person.active && <span className="stop">has left</span>}
        {admin && (
          <div className="does">
            {person.active && !isMe && (
              <button type="button" className="btn sm" disabled={link.isPending} onClick={() => link.mutate()}>
                Make a sign-in link<span className="sr"> for @{person.handle}</span>
              </button>
            )}
            <button type="button" className="btn sm" aria-expanded={changing} onClick={() => setChanging(!changing)}>
              Change<span className="sr"> @{person.handle}</span>
            </button>
          </div>
        )}
      </header>
      <p className="dim">
        {person.role === 'admin' ? 'Admin' : 'Member'} · {named.length > 0 ? `team ${named.join(', ')}` : 'in no team'}
      </p>
      {link.data && (
        <div className="form appears">
          <Notice tone="wait" title={`Whoever opens this link is @${person.handle}`}>
            It works once, until <When at={link.data.expiresAt} as="moment" />. Give it to nobody else.
          </Notice>
          <CopyText text={link.data.url} />
        </div>
      )}
      {link.isError && <ProblemNotice problem={asProblem(link.error)} />}
      {changing && <Change person={person} teams={teams} isMe={isMe} onEnd={() => setChanging(false)} />}
    </article>
  )
}

const Change = ({
  person,
  teams,
  isMe,
  onEnd,
}: {
  person: Person
  teams: readonly Team[]
  isMe: boolean
  onEnd: () => void
}) => {
  const [role, setRole] = useState(person.role)
  const [chosen, setChosen] = useState(person.teams)
  const [leaving, setLeaving] = useState(false)
  const look = useLookAgainAt('people', 'me', 'gate', 'inbox')
  const save = useMutation({
    mutationFn: (change: { active: boolean } | { role: Person['role']; teams: string[] }) =>
      api.changePerson({ params: { person: person.id }, body: change }),
    onSuccess: async () => {
      await look()
      onEnd()
    },
  })
  return (
    <form
      className="form"
      aria-label={`Change @${person.handle}`}
      onSubmit={(event) => {
        event.preventDefault()
        save.mutate({ role, teams: chosen })
      }}
    >
      <RoleChoice role={role} onChange={setRole} />
      <TeamChoice teams={teams} chosen={chosen} onChange={setChosen} />
      {save.isError && <ProblemNotice problem={asProblem(save.error)} />}
      {leaving ? (
        <div className="field">
          <span className="stop">@{person.handle} is signed out everywhere at once, and decides nothing any more.</span>
          <button
            type="button"
            className="btn no"
            disabled={save.isPending}
            onClick={() => save.mutate({ active: false })}
          >
            End every access of @{person.handle}
          </button>
          <button type="button" className="btn" onClick={() => setLeaving(false)}>
            Keep it
          </button>
        </div>
      ) : (
        <div className="field">
          <button className="btn pri" disabled={save.isPending}>
            Save
          </button>
          <button type="button" className="btn" onClick={onEnd}>
            Keep as it is
          </button>
          {!isMe &&
            (person.active ? (
              <button type="button" className="btn no" onClick={() => setLeaving(true)}>
                Has left
              </button>
            ) : (
              <button
                type="button"
                className="btn"
                disabled={save.isPending}
                onClick={() => save.mutate({ active: true })}
              >
                Let them in again
              </button>
            ))}
        </div>
      )}
    </form>
  )
}
