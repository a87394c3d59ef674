/**
 * Can this story have happened?
 * Every rule that the product keeps is checked again from the facts alone, whoever signed them.
 */
import { canonical } from '../digest/canonical.ts'
import { routeOf } from '../match/route.ts'
import { isReady } from '../run/due.ts'
import { evolve } from '../run/evolve.ts'
import { unapprovedAt, unapprovedWords } from '../run/merged-unapproved.ts'
import type { RunState } from '../run/state.ts'
import { placed, routeAbout } from '../run/routed.ts'
import { runSpecDigest, type RunSpec } from '../run/spec.ts'
import { workflowDigest } from '../workflow/digest.ts'
import type { Link } from './links.ts'
import { factsFile } from './names.ts'
import { decisionReader } from './verify-decisions.ts'
import { effectReader } from './verify-effects.ts'
import { fault, type Fault } from './verdict.ts'

export type Story = { state: RunState | null; faults: Fault[]; notes: string[] }

/** Reads a chain from its first fact to its last. */
export const checkStory = (links: readonly Link[]): Story => {
  const first = links[0]?.fact
  if (first?.type !== 'run.started')
    return {
      state: null,
      faults: [fault('impossible', factsFile, 'The first fact is not run.started.', 'fact 1')],
      notes: [],
    }
  const { spec: frozen, specDigest } = first.data
  const faults: Fault[] = []
  if (runSpecDigest(frozen) !== specDigest)
    faults.push(
      fault(
        'spec_differs',
        factsFile,
        `The run spec has the digest ${runSpecDigest(frozen)}; the fact names ${specDigest}.`,
        'fact 1',
      ),
    )
  const { compiled, digest } = frozen.workflow
  if (workflowDigest(compiled) !== digest)
    faults.push(
      fault(
        'spec_differs',
        factsFile,
        `The workflow has the digest ${workflowDigest(compiled)}; the run spec names ${digest}.`,
        'fact 1',
      ),
    )
  const { spec, faults: misrouted } = placeOf(frozen, links)
  faults.push(...misrouted)
  const decisions = decisionReader(first.run, spec)
  const effects = effectReader(spec, decisions.gates, links)
  let state: RunState | null = null
  for (const link of links) {
    const record = `fact ${link.fact.seq}`
    if (link.fact.run !== first.run)
      faults.push(fault('impossible', factsFile, `It is a fact of ${link.fact.run}.`, record))
    faults.push(...decisions.read(link), ...effects.read(link))
    if (state && link.fact.type === 'step.started' && !isReady(state, link.fact.data.step))
      faults.push(fault('began_too_early', factsFile, `${link.fact.data.step} was not ready at this point.`, record))
    try {
      state = evolve(state, link.fact)
    } catch (cause) {
      return {
        state: null,
        faults: [
          ...faults,
          fault('impossible', factsFile, `${cause instanceof Error ? cause.message : String(cause)}.`, record),
        ],
        notes: [],
      }
    }
  }
  return { state, faults, notes: notesOf(links, state) }
}

/** True things that are no fault and that a reader should know. */
const notesOf = (links: readonly Link[], state: RunState | null): string[] => {
  const notes: string[] = []
  const back = links.find((link, at) => at > 0 && link.fact.at < links[at - 1]!.fact.at)
  if (back) notes.push(`The clock went back at fact ${back.fact.seq}; order is by place, not by time.`)
  const self = links.filter((link) => link.fact.type === 'decision.made' && link.fact.data.selfApproved)
  for (const link of self)
    notes.push(
      `Fact ${link.fact.seq}: approved by the person who asked for the run, who was alone among the approvers.`,
    )
  const sample = links.filter(
    (link) => link.fact.type === 'decision.made' && link.fact.data.via.surface === 'sample',
  ).length
  if (sample)
    notes.push(
      `${sample === 1 ? 'One decision was' : `${sample} decisions were`} made by --yes in the sample workspace, not by a person.`,
    )
  for (const { fact } of links) {
    if (fact.type !== 'pull.merged' || fact.data.head === undefined || !state?.pull) continue
    const without = unapprovedAt(state, state.pull, fact.data.head)
    const whose = fact.by.kind === 'runner' ? ` The runner ${fact.by.name} told of it.` : ''
    if (without)
      notes.push(`Fact ${fact.seq}: ${fact.data.ref} was merged ${unapprovedWords(without, fact.data.head)}.${whose}`)
  }
  if (state && !state.finished) notes.push('The run had not ended when the packet was made.')
  return notes
}

/** The spec at the place that was chosen: by its own rows, else by the answer of a person to the question that the run asked. */
const placeOf = (frozen: RunSpec, links: readonly Link[]): { spec: RunSpec; faults: Fault[] } => {
  const faults: Fault[] = []
  let routed = frozen.routing?.chosen ?? null
  const seen = frozen.routing && frozen.workflow.compiled.route
  if (seen) {
    const { chosen, among } = routeOf(seen, frozen.event, frozen.inputs)
    if (chosen !== routed || canonical(among) !== canonical(frozen.routing!.among))
      faults.push(
        fault('spec_differs', factsFile, 'The rows of the workflow lead elsewhere than the run spec says.', 'fact 1'),
      )
  }
  for (const [at, { fact }] of links.entries()) {
    if (fact.type !== 'run.routed') continue
    const { option, gate } = fact.data
    const asked = links.slice(0, at).find((one) => one.fact.type === 'gate.opened' && one.fact.data.gate === gate)?.fact
    const answered = links
      .slice(0, at)
      .findLast((one) => one.fact.type === 'decision.made' && one.fact.data.gate === gate)?.fact
    const answer = answered?.type === 'decision.made' && answered.by.kind === 'person' ? answered.data.answer : null
    const fits =
      asked?.type === 'gate.opened' &&
      asked.data.subject.kind === 'question' &&
      asked.data.subject.about === routeAbout &&
      answer?.choice === `place-${option + 1}` &&
      routed === null &&
      frozen.routing?.among.includes(option)
    if (!fits)
      faults.push(
        fault('not_approved', factsFile, `No person chose the place ${option + 1} for this run.`, `fact ${fact.seq}`),
      )
    if (frozen.routing?.options[option]) routed ??= option
  }
  const at = placed(frozen, routed)
  if (routed !== null && at.frozen === null)
    faults.push(
      fault('spec_differs', factsFile, 'The run spec names a place that its workflow does not have.', 'fact 1'),
    )
  return { spec: at.spec, faults }
}
