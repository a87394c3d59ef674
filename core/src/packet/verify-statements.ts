/**
 * Does every statement say what its fact says, and is none missing and none too many?
 * The expected statements are made again from the facts and compared byte by byte. It never checks a signature.
 */
import { canonical } from '../digest/canonical.ts'
import type { Link } from './links.ts'
import { envelopeFile, predicateTypes, statementNames } from './names.ts'
import { runStatements } from './run-statements.ts'
import { sameBytes } from './dsse.ts'
import { statementBytes, type Statement } from './statement.ts'
import type { FoundStatement } from './verify-envelopes.ts'
import { fault, type Fault } from './verdict.ts'

/** Faults of the statements against the facts; `notes` name statements that this version does not know. */
export const statementFaults = (
  found: ReadonlyMap<string, FoundStatement>,
  links: readonly Link[],
  reports: readonly number[],
): { faults: Fault[]; notes: string[] } => {
  const faults: Fault[] = []
  const notes: string[] = []
  const names = new Set(runStatements(links, reports, 0).keys())
  for (const name of names)
    if (!found.has(name))
      faults.push(
        fault(
          'missing_statement',
          envelopeFile(name),
          'The facts ask for this statement; the packet has it not.',
          about(name),
        ),
      )
  // Statements of one export carry one time; others are made again with their own.
  const made = new Map<number, Map<string, Statement>>()
  for (const [name, { file, statement, payload }] of found) {
    if (name === statementNames.manifest) continue
    const at = statement.predicate.signedAt
    if (!made.has(at)) made.set(at, runStatements(links, reports, at))
    const expected = made.get(at)!.get(name)
    if (expected && sameBytes(statementBytes(expected), payload)) continue
    if (expected) faults.push(fault('statement_differs', file, firstDifference(statement, expected), about(name)))
    else if ((Object.values(predicateTypes) as string[]).includes(statement.predicateType))
      faults.push(fault('statement_differs', file, 'No fact asks for this statement.'))
    else notes.push(`${file} is signed, of a kind that this version does not know (${statement.predicateType}).`)
  }
  return { faults, notes }
}

/** `fact 17`, from `decision-0017`. */
const about = (name: string): string | null => {
  const seq = /-(\d+)$/.exec(name)?.[1]
  return seq === undefined ? null : `fact ${Number(seq)}`
}

const shown = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 200))

/** Where a statement first differs from the expected one, in words. */
const firstDifference = (found: Statement, expected: Statement): string => {
  const parts = new Set([...Object.keys(expected.predicate), ...Object.keys(found.predicate)])
  for (const part of parts) {
    const [stated, known] = [found.predicate[part], (expected.predicate as Record<string, unknown>)[part]]
    if (canonical(stated ?? null) !== canonical(known ?? null))
      return `It says ${part} ${shown(stated)}; the facts say ${shown(known)}.`
  }
  return canonical(found.subject) === canonical(expected.subject)
    ? 'It is not written as Viewport writes it.'
    : `It is about ${shown(found.subject)}; the facts say ${shown(expected.subject)}.`
}
