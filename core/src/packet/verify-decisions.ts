/**
 * Could these decisions have been made: on what was shown, in time, by people who may, and by enough of them?
 * It reads the facts alone and derives everything again; it trusts no flag that says so.
 */
import { subjectDigest } from '../gate/subject.ts'
import type { FactOf } from '../run/facts.ts'
import { couldNotVote } from '../run/pinned-people.ts'
import type { RunSpec } from '../run/spec.ts'
import { weakerThanWritten } from './gate-as-written.ts'
import type { Link } from './links.ts'
import { factsFile } from './names.ts'
import { fault, type Fault, type FaultCode } from './verdict.ts'

/** A gate while the facts are read. */
export type GateSeen = {
  opened: FactOf<'gate.opened'>
  approvers: Set<string>
  expiresAt: number | null
  votes: Map<string, FactOf<'decision.made'>['verdict']>
  outcome: FactOf<'gate.closed'>['outcome'] | null
}

/** What is wrong with one fact; null: nothing. */
type Wrong = [code: FaultCode, words: string] | null

/** Reads the facts of gates in order. `gates` is filled as the facts are read, so that effects can ask it at their own place. */
export const decisionReader = (run: string, spec: RunSpec) => {
  const gates = new Map<string, GateSeen>()
  const read = ({ fact }: Link): Wrong[] => {
    switch (fact.type) {
      case 'gate.opened': {
        const { gate, digest, subject, approvers, expiresAt } = fact.data
        const again = gates.has(gate)
        const weaker = weakerThanWritten(spec, fact.data)
        const kept = keptFault(gates, fact.data)
        gates.set(gate, {
          opened: fact.data,
          approvers: new Set(approvers),
          expiresAt,
          votes: new Map(kept === null ? fact.data.kept?.people.map((person) => [person, 'approve']) : []),
          outcome: null,
        })
        return [
          again ? ['impossible', `${gate} opened twice.`] : null,
          subjectDigest(subject) === digest
            ? null
            : ['gate_digest_differs', `What it shows has the digest ${subjectDigest(subject)}; it names ${digest}.`],
          subject.run === run ? null : ['impossible', `It asks about ${subject.run}.`],
          weaker ? ['gate_differs', weaker] : null,
          kept,
        ]
      }
      case 'decision.made': {
        const gate = gates.get(fact.data.gate)
        if (!gate) return [['impossible', `There is no gate ${fact.data.gate} before it.`]]
        const person = fact.by.kind === 'person' ? fact.by : null
        const wrong = voteFaults(spec, gate, fact.data, person, fact.at)
        if (person) gate.votes.set(person.id, fact.data.verdict)
        return wrong
      }
      case 'decision.withdrawn': {
        const gate = gates.get(fact.data.gate)
        if (!gate || fact.by.kind !== 'person' || !gate.votes.delete(fact.by.id))
          return [['impossible', 'There is no vote to withdraw.']]
        gate.outcome = null
        return []
      }
      case 'gate.escalated': {
        const gate = gates.get(fact.data.gate)
        for (const approver of fact.data.approvers) gate?.approvers.add(approver)
        if (gate) gate.expiresAt = null
        return gate ? [] : [['impossible', `There is no gate ${fact.data.gate} before it.`]]
      }
      case 'gate.closed': {
        const gate = gates.get(fact.data.gate)
        if (!gate) return [['impossible', `There is no gate ${fact.data.gate} before it.`]]
        const wrong: Wrong[] = [
          gate.outcome === null ? null : ['impossible', `${fact.data.gate} was closed already.`],
          closingFault(gate, fact.data.outcome),
        ]
        gate.outcome = fact.data.outcome
        return wrong
      }
      default:
        return []
    }
  }
  return {
    gates: gates as ReadonlyMap<string, GateSeen>,
    read: (link: Link): Fault[] =>
      read(link).flatMap((wrong) => (wrong ? [fault(wrong[0], factsFile, wrong[1], `fact ${link.fact.seq}`)] : [])),
  }
}

/** Approvals count on only of exactly the same, at a gate of the same step that nobody decided, from people who gave them there. */
const keptFault = (gates: ReadonlyMap<string, GateSeen>, { kept, digest, gateStep }: FactOf<'gate.opened'>): Wrong => {
  if (!kept) return null
  const before = gates.get(kept.gate)
  if (!before || before.outcome !== 'superseded' || before.opened.gateStep !== gateStep)
    return ['impossible', `It keeps votes of ${kept.gate}, which was not closed before it to be asked anew.`]
  if (before.opened.digest !== digest)
    return ['decision_digest_differs', `It keeps votes on ${before.opened.digest}; it asks about ${digest}.`]
  const stranger = kept.people.find((person) => before.votes.get(person) !== 'approve')
  return stranger === undefined
    ? null
    : ['impossible', `It keeps a vote of ${stranger}, who approved nothing at ${kept.gate}.`]
}

const voteFaults = (
  spec: RunSpec,
  gate: GateSeen,
  { as, digest }: FactOf<'decision.made'>,
  person: { id: string; name: string } | null,
  at: number,
): Wrong[] => {
  if (!person) return [['approver_not_allowed', 'It was not made by a person.']]
  const excluded =
    gate.opened.excluded.find((one) => one.person === person.id)?.why ?? couldNotVote(spec, gate.opened, person.id)
  return [
    digest === gate.opened.digest
      ? null
      : ['decision_digest_differs', `${person.name} decided on ${digest}; the gate asked about ${gate.opened.digest}.`],
    gate.outcome === null ? null : ['decision_after_close', `The gate was ${gate.outcome.replace('_', ' ')} already.`],
    gate.expiresAt === null || at < gate.expiresAt ? null : ['decision_after_close', 'The time to decide had ended.'],
    gate.approvers.has(as)
      ? null
      : ['approver_not_allowed', `${person.name} decided as ${as}; asked were ${[...gate.approvers].join(', ')}.`],
    as.startsWith('user:usr_') && as !== `user:${person.id}`
      ? ['approver_not_allowed', `${person.name} (${person.id}) decided as ${as}.`]
      : null,
    excluded ? ['approver_not_allowed', `${person.name} ${excluded} and could not vote.`] : null,
    gate.votes.has(person.id) ? ['impossible', `${person.name} had voted already.`] : null,
  ]
}

const closingFault = (gate: GateSeen, outcome: GateSeen['outcome']): Wrong => {
  const verdicts = [...gate.votes.values()]
  const votes = verdicts.filter((verdict) => verdict === 'approve').length
  if (outcome === 'approved' && votes < gate.opened.required)
    return ['too_few_votes', `It closed as approved with ${votes} of ${gate.opened.required} votes.`]
  const needs = { rejected: 'reject', changes_requested: 'request_changes', answered: 'answer' } as const
  const needed = outcome !== null && outcome in needs ? needs[outcome as keyof typeof needs] : null
  return needed && !verdicts.includes(needed)
    ? ['too_few_votes', `It closed as ${outcome?.replace('_', ' ')} and nobody decided so.`]
    : null
}
