/** What may somebody do here? */
import { FieldLine } from '../look/field-line.tsx'

export type Role = 'admin' | 'member'

export const RoleChoice = ({ role, onChange }: { role: Role; onChange: (role: Role) => void }) => (
  <FieldLine
    label="They may"
    says={
      role === 'admin'
        ? 'An admin saves workflows, pairs runners, connects tools, and changes all of these settings.'
        : 'A member starts work where a workflow admits them, and decides where one asks them.'
    }
  >
    {(id) => (
      <select id={id} className="select narrow" value={role} onChange={(event) => onChange(event.target.value as Role)}>
        <option value="member">work and decide (member)</option>
        <option value="admin">change everything (admin)</option>
      </select>
    )}
  </FieldLine>
)
