/**
 * Which principals does a person hold?
 * The one rule for gates, lists, pins and readiness; `gates/voters.ts` reads it the other way round in SQL.
 */
type Held = {
  readonly id: string
  readonly handle: string
  readonly role: 'admin' | 'member'
  /** Slugs. */
  readonly teams: readonly string[]
}

/** Themselves by id and by handle (as in `user:dana`), their teams and role: an admin is a member too. Whether they are still here is asked elsewhere. */
export const principalsOf = ({ id, handle, role, teams }: Held): string[] => [
  `user:${id}`,
  `user:${handle}`,
  ...teams.map((slug) => `team:${slug}`),
  'role:member',
  ...(role === 'admin' ? ['role:admin'] : []),
]
