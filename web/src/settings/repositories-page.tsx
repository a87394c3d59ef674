/** The repositories that workflows may name: where runners fetch them, how much may be done in each at once, whether agents load its settings. */
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Icon } from '../look/icon.tsx'
import { AddRepository } from './add-repository.tsx'
import { SettingsFrame } from './frame.tsx'
import { RepositoryLine } from './repository-line.tsx'

export const RepositoriesPage = () => {
  const answer = useQuery(questions.repositories())
  const admin = useQuery(questions.me()).data?.person.role === 'admin'
  const [adding, setAdding] = useState(false)
  return (
    <SettingsFrame
      title="Repositories"
      adminOnly="adds and changes repositories"
      tools={
        admin && (
          <button type="button" className="btn sm" aria-expanded={adding} onClick={() => setAdding(!adding)}>
            <Icon name="plus" small />
            Add a repository
          </button>
        )
      }
    >
      {() => (
        <Held answer={answer} what="repositories">
          {({ repositories }) => (
            <>
              {admin && (adding || repositories.length === 0) && (
                <AddRepository
                  names={repositories.map(({ name }) => name)}
                  onEnd={repositories.length === 0 ? null : () => setAdding(false)}
                />
              )}
              {repositories.map((repository) => (
                <RepositoryLine key={repository.id} repository={repository} admin={admin} />
              ))}
              {repositories.length === 0 && (
                <div className="first">
                  <h2 className="verb">No repository yet</h2>
                  <p className="lead">
                    Workflows name repositories as owner/name; here stands where runners fetch each. Viewport itself
                    never fetches one: runners do, with credentials of their own.
                  </p>
                </div>
              )}
            </>
          )}
        </Held>
      )}
    </SettingsFrame>
  )
}
