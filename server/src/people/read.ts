/**
 * Who is in the workspace, and in which teams?
 */
import type { z } from 'zod'
import type { Person, Team } from '@viewportai/core/api/people'
import type { Names } from '@viewportai/core/view/board-row'
import type { Tx } from '../database/tenant.ts'
import { principalsOf } from './principals.ts'

export type PersonView = z.infer<typeof Person>
export type TeamView = z.infer<typeof Team>

const people = {
  name: 'people',
  text: `select p.person as id, p.handle, p.name, p.email, p.role, p.active,
      array(select t.slug from vp.team_members m join vp.teams t on t.workspace = m.workspace and t.team = m.team where m.workspace = $1 and m.person = p.person order by t.slug) as teams
    from vp.people p where p.workspace = $1 and ($2::text is null or p.person = $2) order by p.handle`,
}
const teams = {
  name: 'teams',
  text: `select t.team as id, t.slug, t.name, array(select m.person from vp.team_members m where m.workspace = $1 and m.team = t.team order by m.person) as members
    from vp.teams t where t.workspace = $1 order by t.slug`,
}

/** Everybody, those who left included, by handle. */
export const readPeople = async (tx: Tx): Promise<PersonView[]> =>
  (await tx.query<PersonView>(people, [tx.workspace, null])).rows
export const readPerson = async (tx: Tx, person: string): Promise<PersonView | null> =>
  (await tx.query<PersonView>(people, [tx.workspace, person])).rows[0] ?? null
export const readTeams = async (tx: Tx): Promise<TeamView[]> => (await tx.query<TeamView>(teams, [tx.workspace])).rows

/** Names for the principals of gates and votes: `user:usr_…` and `user:dana` are @dana, `team:payments` is @payments. */
export const readNames = async (tx: Tx): Promise<Names> => {
  const all = await readPeople(tx)
  const bySubject = new Map<string, PersonView>(
    all.flatMap((one) => [[`user:${one.id}`, one] as const, [`user:${one.handle}`, one] as const]),
  )
  const holders = new Map<string, string[]>()
  for (const one of all)
    if (one.active)
      for (const principal of principalsOf(one)) {
        const known = holders.get(principal)
        if (known) known.push(one.id)
        else holders.set(principal, [one.id])
      }
  return {
    label(principal) {
      const person = bySubject.get(principal)
      if (person) return `@${person.handle}`
      const [kind, name = ''] = split(principal)
      return kind === 'team'
        ? `@${name}`
        : kind === 'role'
          ? name === 'admin'
            ? 'workspace admins'
            : `workspace ${name}s`
          : principal
    },
    people: (principal) => [...(holders.get(principal) ?? [])],
  }
}

const split = (principal: string): [string, string] => {
  const at = principal.indexOf(':')
  return [principal.slice(0, at), principal.slice(at + 1)]
}
