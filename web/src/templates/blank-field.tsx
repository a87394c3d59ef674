/** One thing that is particular to a team: chosen among what the workspace has, or written. */
import { useQuery } from '@tanstack/react-query'
import { useId } from 'react'
import { questions } from '../api/queries.ts'
import type { Template } from './list-page.tsx'

type Blank = Template['blanks'][number]

export const BlankField = ({ blank, said, onSay }: { blank: Blank; said: string; onSay: (words: string) => void }) => {
  const id = useId()
  const known = useKnown(blank.kind)
  return (
    <div>
      <label htmlFor={id}>
        {blank.title}
        {blank.kind === 'repository' && <span className="mute"> in place of {blank.value}</span>}
      </label>
      {known === null || known.length === 0 ? (
        <input
          id={id}
          className="input mono"
          value={said}
          onChange={(event) => onSay(event.target.value)}
          placeholder={blank.value}
          maxLength={200}
          autoCapitalize="none"
          autoComplete="off"
          spellCheck={false}
        />
      ) : (
        <select id={id} className="select" value={said} onChange={(event) => onSay(event.target.value)}>
          <option value="">{known.includes(blank.value) ? blank.value : `choose one (${blank.value})`}</option>
          {known
            .filter((one) => one !== blank.value)
            .map((one) => (
              <option key={one}>{one}</option>
            ))}
        </select>
      )}
    </div>
  )
}

/** What the workspace has of this kind; null: it keeps no list of it. */
const useKnown = (kind: Blank['kind']): string[] | null => {
  const repositories = useQuery({ ...questions.repositories(), enabled: kind === 'repository' }).data?.repositories
  const teams = useQuery({ ...questions.people(), enabled: kind === 'team' }).data?.teams
  const runners = useQuery({ ...questions.runners(), enabled: kind === 'pool' }).data?.runners
  switch (kind) {
    case 'repository':
      return repositories?.map((one) => one.name) ?? []
    case 'team':
      return teams?.map((one) => one.slug) ?? []
    case 'pool':
      return [...new Set(runners?.map((one) => one.pool) ?? [])]
    case 'condition':
      return null
  }
}
