/**
 * Who is this person to a gate, right now?
 * Every principal they hold, by id, read at the moment of the decision. No link, page or older reading gives a right.
 */
import type { Decider } from '@viewportai/core/run/command'
import type { Tx } from '../database/tenant.ts'
import { principalsOf } from '../people/principals.ts'

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

type Row = { person: string; handle: string; name: string; role: 'admin' | 'member'; teams: string[]; owns: boolean }

type Known = { readonly person: string; readonly name: string }

/** The person as decider of a gate of this run. `hold`: until the transaction ends. Somebody who has left holds nothing. */
export const deciderOf = async (tx: Tx, known: Known, run: string, hold = false): Promise<Decider> =>
  asDecider(known, (await tx.query<Row>(hold ? deciding : reading, [tx.workspace, known.person, run])).rows[0])

/** The same by the gate, held until the transaction ends: it can be asked in one breath with the gate's run. */
export const deciderOfGate = async (tx: Tx, known: Known, gate: string): Promise<Decider> =>
  asDecider(known, (await tx.query<Row>(decidingGate, [tx.workspace, known.person, gate])).rows[0])

const asDecider = ({ person: id, name }: Known, row: Row | undefined): Decider =>
  row
    ? { id, name: row.name, principals: principalsOf({ ...row, id: row.person }), ownsRunner: row.owns }
    : { id, name, principals: [], ownsRunner: false }
