/** Who is in the workspace, what each may do, and in which teams; teams are whom workflows ask. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Icon } from '../look/icon.tsx'
import { AddPerson } from './add-person.tsx'
import { SettingsFrame } from './frame.tsx'
import { PersonLine } from './person-line.tsx'
import { Teams } from './teams.tsx'

export const PeoplePage = () => {
  const answer = useQuery(questions.people())
  const me = useQuery(questions.me()).data?.person
  const [adding, setAdding] = useState(false)
  return (
    <SettingsFrame
      title="People and teams"
      adminOnly="adds and changes people and teams"
      tools={
        me?.role === 'admin' && (
          <button type="button" className="btn sm" aria-expanded={adding} onClick={() => setAdding(!adding)}>
            <Icon name="plus" small />
            Add a person
          </button>
        )
      }
    >
      {(admin) => (
        <Held answer={answer} what="people">
          {({ people, teams }) => (
            <>
              {admin && adding && <AddPerson people={people} teams={teams} onEnd={() => setAdding(false)} />}
              {people.map((person) => (
                <PersonLine key={person.id} person={person} teams={teams} admin={admin} isMe={person.id === me?.id} />
              ))}
              <Teams teams={teams} people={people} admin={admin} />
            </>
          )}
        </Held>
      )}
    </SettingsFrame>
  )
}
