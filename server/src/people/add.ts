/**
 * How do people and teams come into the workspace, change and leave it?
 * Every change is a fact of the workspace. Somebody who leaves is signed out everywhere in the same transaction.
 */
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Actor } from '@viewportai/core/run/facts'
import { freshId } from '../fresh-id.ts'
import type { Tx } from '../database/tenant.ts'
import { record } from '../ledger/pending.ts'
import { endAllOf } from '../sign-in/session.ts'
import { readPerson, type PersonView, type TeamView } from './read.ts'

type NewPerson = {
  readonly handle: string
  readonly name: string
  readonly email: string | null
  readonly role: 'admin' | 'member'
  readonly teams: readonly string[]
}

/** Adds a person; `teams` are slugs of teams that exist. */
export const addPerson = async (
  tx: Tx,
  by: Actor,
  { handle, name, email, role, teams }: NewPerson,
): Promise<PersonView | Refusal> => {
  const unknown = await unknownTeam(tx, teams)
  if (unknown !== null) return refuse('not_found', { what: 'team', id: unknown })
  // `user:usr_…` names a person by id: a handle of that form could be taken for somebody else.
  if (handle.startsWith('usr_'))
    return refuse('invalid', { where: 'body.handle', why: 'a handle does not begin with usr_' })
  const id = freshId('usr')
  const { rowCount } = await tx.query(
    'insert into vp.people (workspace, person, handle, name, email, role) values ($1, $2, $3, $4, $5, $6) on conflict (workspace, handle) do nothing',
    [tx.workspace, id, handle, name, email, role],
  )
  if (rowCount === 0) return refuse('conflict', { what: `The handle @${handle}` })
  await setTeams(tx, id, teams)
  record(tx, { type: 'person.added', by, data: { person: id, handle, name, role, teams: [...teams] } })
  return (await readPerson(tx, id))!
}

type PersonChange = {
  readonly role?: 'admin' | 'member' | undefined
  readonly teams?: readonly string[] | undefined
  readonly active?: boolean | undefined
}

/** Changes role, teams or presence. The last active admin stays one, or nobody could ever change anything again. */
export const changePerson = async (
  tx: Tx,
  by: Actor,
  person: string,
  change: PersonChange,
): Promise<PersonView | Refusal> => {
  // All admins are locked in one order: two admins who remove each other at the same moment must not both succeed.
  const { rows: admins } = await tx.query<{ person: string }>(
    `select person from vp.people where workspace = $1 and role = 'admin' and active order by person for update`,
    [tx.workspace],
  )
  const { rows } = await tx.query('select from vp.people where workspace = $1 and person = $2 for update', [
    tx.workspace,
    person,
  ])
  if (rows.length === 0) return refuse('not_found', { what: 'person', id: person })
  const leaves = change.active === false || change.role === 'member'
  if (leaves && admins.length === 1 && admins[0]!.person === person)
    return refuse('not_allowed', {
      who: 'The last admin',
      why: 'a workspace needs one; make somebody else an admin first',
    })
  const unknown = await unknownTeam(tx, change.teams ?? [])
  if (unknown !== null) return refuse('not_found', { what: 'team', id: unknown })
  await tx.query(
    'update vp.people set role = coalesce($3, role), active = coalesce($4, active) where workspace = $1 and person = $2',
    [tx.workspace, person, change.role ?? null, change.active ?? null],
  )
  if (change.teams) await setTeams(tx, person, change.teams)
  if (change.active === false) await endAllOf(tx, person)
  record(tx, {
    type: 'person.changed',
    by,
    data: {
      person,
      ...(change.role && { role: change.role }),
      ...(change.teams && { teams: [...change.teams] }),
      ...(change.active !== undefined && { active: change.active }),
    },
  })
  tx.nudge('person', person)
  return (await readPerson(tx, person))!
}

/** Adds a team without members. */
export const addTeam = async (
  tx: Tx,
  by: Actor,
  { slug, name }: { readonly slug: string; readonly name: string },
): Promise<TeamView | Refusal> => {
  const id = freshId('team')
  const { rowCount } = await tx.query(
    'insert into vp.teams (workspace, team, slug, name) values ($1, $2, $3, $4) on conflict (workspace, slug) do nothing',
    [tx.workspace, id, slug, name],
  )
  if (rowCount === 0) return refuse('conflict', { what: `The team ${slug}` })
  record(tx, { type: 'team.added', by, data: { team: id, slug, name } })
  return { id, slug, name, members: [] }
}

const unknownTeam = async (tx: Tx, slugs: readonly string[]): Promise<string | null> => {
  if (slugs.length === 0) return null
  const { rows } = await tx.query<{ slug: string }>(
    'select s as slug from unnest($2::text[]) s where not exists (select from vp.teams where workspace = $1 and slug = s) limit 1',
    [tx.workspace, slugs],
  )
  return rows[0]?.slug ?? null
}

const setTeams = async (tx: Tx, person: string, slugs: readonly string[]): Promise<void> => {
  await tx.query('delete from vp.team_members where workspace = $1 and person = $2', [tx.workspace, person])
  await tx.query(
    'insert into vp.team_members (workspace, team, person) select $1, team, $2 from vp.teams where workspace = $1 and slug = any($3::text[])',
    [tx.workspace, person, slugs],
  )
}
