/** The fields that narrow the list of deliveries: one for each thing that is known of all of them. */
import { useQuery } from '@tanstack/react-query'
import { deliveryOutcomes } from '@viewportai/core/api/deliveries'
import { useState } from 'react'
import { questions } from '../api/queries.ts'
import { counted } from '../look/amounts.ts'
import { isNarrowed, outcomeWords, type DeliveryFilter } from './filter.ts'

type Change = (changed: Partial<DeliveryFilter>) => void
type Words = 'tool' | 'from' | 'event' | 'actor' | 'workflow'

const labels: Readonly<Record<Words, string>> = {
  tool: 'Tool',
  from: 'Source',
  event: 'Event',
  workflow: 'Workflow',
  actor: 'Actor',
}

export const FilterBar = ({
  filter,
  onChange,
  onClear,
}: {
  filter: DeliveryFilter
  onChange: Change
  onClear: () => void
}) => {
  const kinds = useQuery(questions.deliveryKinds()).data
  const choices: Readonly<Record<Words, readonly string[]>> = {
    tool: kinds?.tools ?? [],
    from: kinds?.from ?? [],
    event: kinds?.events ?? [],
    workflow: kinds?.workflows ?? [],
    actor: kinds?.actors ?? [],
  }
  const set = Object.keys(filter).filter((key) => key !== 'q' && filter[key as keyof DeliveryFilter]).length
  const [open, setOpen] = useState(set > 0)
  return (
    <>
      <div className="narrow-more">
        <span className="mute">
          {isNarrowed(filter)
            ? `Narrowed by ${set > 0 ? counted(set, 'choice') : 'its words'}`
            : 'Everything that came in'}
        </span>
        <button type="button" className="btn sm" aria-expanded={open} onClick={() => setOpen(!open)}>
          {open ? 'Hide the choices' : 'Narrow'}
        </button>
      </div>
      <fieldset className={`narrowing${open ? ' open' : ''}`} aria-label="Narrow the list">
        <Choice
          label="Outcome"
          value={filter.outcome}
          choices={deliveryOutcomes.map((outcome) => [outcome, outcomeWords[outcome]])}
          onChange={(outcome) => onChange({ outcome: outcome as DeliveryFilter['outcome'] })}
        />
        {(Object.keys(labels) as Words[]).map((key) => (
          <Choice
            key={key}
            label={labels[key]}
            value={filter[key]}
            choices={choices[key].map((name) => [name, name])}
            onChange={(value) => onChange({ [key]: value })}
          />
        ))}
        <Choice
          label="Received"
          value={filter.span ?? (filter.first || filter.last ? 'days' : undefined)}
          choices={[
            ['1h', 'in the last hour'],
            ['24h', 'in the last day'],
            ['7d', 'in the last week'],
            ['30d', 'in the last 30 days'],
            ['days', 'between two days'],
          ]}
          onChange={(span) =>
            span === 'days'
              ? onChange({ span: undefined, first: today(), last: today() })
              : onChange({ span: span as DeliveryFilter['span'], first: undefined, last: undefined })
          }
        />
        {(filter.first || filter.last) && (
          <>
            <Day label="From" value={filter.first} onChange={(first) => onChange({ first })} />
            <Day label="To" value={filter.last} onChange={(last) => onChange({ last })} />
          </>
        )}
        {isNarrowed(filter) && (
          <button type="button" className="btn sm" onClick={onClear}>
            Show all
          </button>
        )}
      </fieldset>
    </>
  )
}

const today = (): string => new Date().toLocaleDateString('sv-SE')

type ChoiceProps = {
  label: string
  value: string | undefined
  choices: readonly (readonly [string, string])[]
  onChange: (value: string | undefined) => void
}

/** What stands in the address is among the choices, also when it has not come in lately. */
const Choice = ({ label, value, choices, onChange }: ChoiceProps) => (
  <label className={value ? 'set' : undefined}>
    <span>{label}</span>
    <select className="select" value={value ?? ''} onChange={(event) => onChange(event.target.value || undefined)}>
      <option value="">any</option>
      {value && !choices.some(([name]) => name === value) && <option value={value}>{value}</option>}
      {choices.map(([name, words]) => (
        <option key={name} value={name}>
          {words}
        </option>
      ))}
    </select>
  </label>
)

const Day = ({
  label,
  value,
  onChange,
}: {
  label: string
  value: string | undefined
  onChange: (value: string | undefined) => void
}) => (
  <label className={value ? 'set' : undefined}>
    <span>{label}</span>
    <input
      className="input"
      type="date"
      value={value ?? ''}
      onChange={(event) => onChange(event.target.value || undefined)}
    />
  </label>
)
