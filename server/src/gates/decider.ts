/**
 * Who is this person to a gate, right now?
 * Every principal they hold, by id, read at the moment of the decision. No link, page or older reading gives a right.
 */
import type { Decider } from '@viewportai/core/run/command'
import type { Tx } from '../database/tenant.ts'
import { principalsOf } from '../people/principals.ts'
import type { TokenKind } from '../sign-in/asker.ts'

/** In SQL: did the runner `r` report anything about this run? A run that is moved to another runner keeps who worked on it. */
export const workedOn = (run: string): string =>
  `exists (select from vp.leases l where l.workspace = $1 and l.run = ${run} and l.runner = r.runner and l.reported > 0)`

const person = (run: string): string => `select p.person, p.handle, p.name, p.role,
    array(select t.slug from vp.team_members m join vp.teams t on t.workspace = m.workspace and t.team = m.team where m.workspace = $1 and m.person = $2 order by t.slug) as teams,
    exists (select from vp.runners r where r.workspace = $1 and r.owner = $2 and (exists (select from vp.runs n where n.workspace = $1 and n.run = ${run} and n.runner = r.runner) or ${workedOn(run)})) as owns
  from vp.people p where p.workspace = $1 and p.person = $2 and p.active`
const [ofRun, ofGate] = ['$3', '(select run from vp.gates where workspace = $1 and gate = $3)']
const reading = { name: 'decider', text: person(ofRun) }
/** Whoever removes the person or changes their teams waits until the decision is stored, and the next decision sees it. */
const deciding = { name: 'decider held', text: `${person(ofRun)} for share of p` }
const decidingGate = { name: 'decider of gate held', text: `${person(ofGate)} for share of p` }

/** An agent without a wall that an admin accepted (that of the sample needs no acceptance): it may read what lies on its machine, and which that is nobody here knows. */
const bare = {
  name: 'runner without a wall',
  text: `select from vp.runners where workspace = $1 and state <> 'removed' and no_wall is not null and capabilities->'isolation'->>'level' = 'none' limit 1`,
}

type Row = { person: string; handle: string; name: string; role: 'admin' | 'member'; teams: string[]; owns: boolean }

/** `token`: what vouches for them; none: a sign-in of their own, or an account at a tool. */
type Known = { readonly person: string; readonly name: string; readonly token?: TokenKind | null }

/** The person as decider of a gate of this run. `hold`: until the transaction ends. Somebody who has left holds nothing. */
export const deciderOf = async (tx: Tx, known: Known, run: string, hold = false): Promise<Decider> =>
  asDecider(tx, known, (await tx.query<Row>(hold ? deciding : reading, [tx.workspace, known.person, run])).rows[0])

/** The same by the gate, held until the transaction ends: it can be asked in one breath with the gate's run. */
export const deciderOfGate = async (tx: Tx, known: Known, gate: string): Promise<Decider> =>
  asDecider(tx, known, (await tx.query<Row>(decidingGate, [tx.workspace, known.person, gate])).rows[0])

const asDecider = async (tx: Tx, known: Known, row: Row | undefined): Promise<Decider> => {
  if (!row) return { id: known.person, name: known.name, principals: [], ownsRunner: false }
  const exposed = known.token === 'local' && (await tx.query(bare, [tx.workspace])).rowCount === 1
  return {
    id: known.person,
    name: row.name,
    principals: principalsOf({ ...row, id: row.person }),
    ownsRunner: row.owns,
    ...(known.token && { token: exposed ? 'exposed' : 'token' }),
  }
}
