/** A field of a form: its label before it, what may stand in it below. */
import { useId, type ReactNode } from 'react'

/** `children` draws the field with the id that its label points to. `wrong`: what is wrong with what stands in it; null: nothing. */
export const FieldLine = ({
  label,
  says,
  wrong = null,
  children,
}: {
  label: ReactNode
  says?: ReactNode
  wrong?: string | null
  children: (id: string) => ReactNode
}) => {
  const id = useId()
  return (
    <div>
      <label htmlFor={id}>{label}</label>
      {children(id)}
      {wrong !== null ? <div className="wrong">{wrong}</div> : says && <div className="limit">{says}</div>}
    </div>
  )
}
