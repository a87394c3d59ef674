/** The field of one input that a workflow declares. What it shows is what is sent: nothing seems chosen that is not. */
import type { Inputs } from './inputs.ts'

type FieldProps = {
  name: string
  declared: Inputs[string]
  /** Undefined while nothing was filled in. */
  value: string | undefined
  wrong: boolean
  onChange: (value: string) => void
}

export const InputField = ({ name, declared, value, wrong, onChange }: FieldProps) => (
  <div>
    <label htmlFor={`input-${name}`}>{name}</label>
    {declared.type === 'boolean' ? (
      <select
        id={`input-${name}`}
        className="select"
        value={value ?? String(declared.default ?? '')}
        onChange={(event) => onChange(event.target.value)}
      >
        {declared.required ? (
          declared.default === null && <option value="">choose</option>
        ) : (
          <option value="">not said</option>
        )}
        <option value="true">yes</option>
        <option value="false">no</option>
      </select>
    ) : (
      <input
        id={`input-${name}`}
        className="input"
        inputMode={declared.type === 'number' ? 'decimal' : undefined}
        value={value ?? ''}
        placeholder={declared.default === null ? '' : String(declared.default)}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={`note-${name}`}
        aria-invalid={wrong}
      />
    )}
    <p id={`note-${name}`} className={wrong ? 'wrong' : 'limit'}>
      {wrong
        ? 'A number is expected.'
        : [declared.description, declared.required && declared.default === null ? 'required' : '']
            .filter(Boolean)
            .join(', ')}
    </p>
  </div>
)
