/** How is it said that whoever did something is a member? */
import { accountMistake } from './account-form.ts'
import type { EventActor } from './trigger-event.ts'

/** The command with which an admin links the account of somebody whom nobody has linked; null: they are known, or no member could be linked to such an account. */
export const linkCommand = ({ id, trust }: Pick<EventActor, 'id' | 'trust'>): string | null =>
  (trust === 'collaborator' || trust === 'outsider') && accountMistake(id, [], []) === null
    ? `viewport people link @HANDLE ${id}`
    : null
