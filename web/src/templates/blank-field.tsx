/** One thing that is particular to a team: chosen among what the workspace has, or written. */
import { useQuery } from '@tanstack/react-query'
import { useId, useState } from 'react'
import { questions } from '../api/queries.ts'
import type { Template } from './list-page.tsx'

type Blank = Template['blanks'][number]

type Blanked = { blank: Blank; said: string; onSay: (words: string) => void }

/** Which kind of field it is, is known before it can be typed into: another one in its place would take the keyboard from whoever began. */
export const BlankField = (props: Blanked) => {
  const id = useId()
  const { blank } = props
  const known = useKnown(blank.kind)
  return (
    <div>
      <label htmlFor={id}>
        {blank.title}
        {blank.kind === 'repository' && <span className="mute"> in place of {blank.value}</span>}
      </label>
      {known === undefined ? (
        <select id={id} className="select" disabled aria-busy="true">
          <option>{blank.value}</option>
        </select>
      ) : (
        <Field id={id} known={known} {...props} />
      )}
    </div>
  )
}

const Field = ({ id, known, blank, said, onSay }: Blanked & { id: string; known: readonly string[] }) => {
  const [chosen] = useState(known.length > 0) // also when the first one is added meanwhile
  return chosen ? (
    <select id={id} className="select" value={said} onChange={(event) => onSay(event.target.value)}>
      <option value="">{known.includes(blank.value) ? blank.value : `choose one (${blank.value})`}</option>
      {known
        .filter((one) => one !== blank.value)
        .map((one) => (
          <option key={one}>{one}</option>
        ))}
    </select>
  ) : (
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
  )
}

/** What the workspace has of this kind: nothing where it keeps no list of it, or the list cannot be had. Undefined: it is being asked. */
const useKnown = (kind: Blank['kind']): readonly string[] | undefined => {
  const repositories = useQuery({ ...questions.repositories(), enabled: kind === 'repository' })
  const people = useQuery({ ...questions.people(), enabled: kind === 'team' })
  const runners = useQuery({ ...questions.runners(), enabled: kind === 'pool' })
  switch (kind) {
    case 'repository':
      return repositories.isPending ? undefined : (repositories.data?.repositories.map((one) => one.name) ?? [])
    case 'team':
      return people.isPending ? undefined : (people.data?.teams.map((one) => one.slug) ?? [])
    case 'pool':
      return runners.isPending ? undefined : [...new Set(runners.data?.runners.map((one) => one.pool) ?? [])]
    case 'condition':
      return []
  }
}
