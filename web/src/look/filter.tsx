/** A field that narrows a list. `/` goes to it, Escape leaves it. */
import { useRef } from 'react'
import { useKeys } from '../keys/use-keys.ts'

export const Filter = ({
  value,
  onChange,
  what,
}: {
  value: string
  onChange: (value: string) => void
  what: string
}) => {
  const field = useRef<HTMLInputElement>(null)
  useKeys({
    '/': (event) => {
      event.preventDefault()
      field.current?.focus()
      field.current?.select()
    },
  })
  return (
    <span className="filter">
      <input
        ref={field}
        className="input"
        type="search"
        aria-label={`Filter ${what}`}
        placeholder="Filter"
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && field.current?.blur()}
      />
      <kbd>/</kbd>
    </span>
  )
}
