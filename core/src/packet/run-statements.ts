/**
 * What does the control plane state about a run, given its facts?
 * The same function writes the statements of a packet and says, when it is verified, what they had to be. It never signs.
 */
import { changeDigest } from '../gate/subject.ts'
import { executedOf } from './executed.ts'
import { linksOf, pointer, startOf, type Link } from './links.ts'
import { predicateTypes, statementNames } from './names.ts'
import { statement, type Statement } from './statement.ts'

type Ended = 'effect.succeeded' | 'effect.failed' | 'effect.unknown'
const same = <T extends Link>(links: readonly T[], of: (link: T) => boolean): T | undefined => links.find(of)

/** The signed head: how many facts, the last hash, and every hash on the way, so that a verifier can name the fact that differs. */
const headStatement = (links: readonly Link[], reports: readonly number[], signedAt: number): Statement => {
  const { fact, hash } = links.at(-1)!
  const { number, spec, specDigest } = startOf(links).fact.data
  const { name, version, digest } = spec.workflow
  return statement(`${fact.run}#${links.length}`, hash, predicateTypes.head, {
    signedAt,
    run: fact.run,
    number,
    count: links.length,
    hash,
    spec: specDigest,
    workflow: { name, version, digest },
    outcome: linksOf(links, 'run.finished').at(-1)?.fact.data.outcome ?? null,
    reports: [...reports], // facts that stand on a report which its runner signed
    chain: links.map((link) => link.hash),
  })
}

/** One person's verdict: on what digest it was asked, on what digest it was given, as whom, and where the fact is. */
const decisionStatement = (
  links: readonly Link[],
  made: Link<'decision.made' | 'change.merge_requested'>,
  signedAt: number,
): Statement => {
  const { run, by, at, seq, data } = made.fact
  const person = by.kind === 'person' ? { id: by.id, name: by.name } : null
  const common = { signedAt, run, person, as: data.as, via: data.via, at, ...pointer(made) }
  if (made.fact.type === 'change.merge_requested') {
    const { id, digest } = made.fact.data
    const opened = same(linksOf(links, 'change.opened'), (link) => link.fact.data.id === id && link.fact.seq < seq)
    const asked = opened ? { ...pointer(opened), digest: changeDigest(opened.fact.data.change) } : null
    return statement(`${id}@${seq}`, digest, predicateTypes.decision, {
      ...common,
      about: id,
      kind: 'merge',
      verdict: 'merge',
      asked,
      digest,
      selfApproved: false,
    })
  }
  const { gate, verdict, digest, selfApproved } = made.fact.data
  const opened = same(linksOf(links, 'gate.opened'), (link) => link.fact.data.gate === gate)
  const asked = opened ? { ...pointer(opened), digest: opened.fact.data.digest } : null
  return statement(`${gate}@${seq}`, digest, predicateTypes.decision, {
    ...common,
    about: gate,
    kind: opened?.fact.data.kind ?? null,
    verdict,
    asked,
    digest,
    selfApproved,
  })
}

/** One attempt of an effect: what was approved and by what, what was executed, and the receipt. */
const effectStatement = (links: readonly Link[], ended: Link<Ended>, signedAt: number): Statement => {
  const { run, seq, at, by, type, data } = ended.fact
  const of = (link: { fact: { data: { intent: string }; seq: number } }): boolean =>
    link.fact.data.intent === data.intent && link.fact.seq < seq
  const proposed = same(linksOf(links, 'intent.proposed'), of)
  const approved = linksOf(links, 'intent.approved').findLast(of)
  const started = linksOf(links, 'effect.started').findLast(
    (link) => of(link) && link.fact.data.attempt === data.attempt,
  )
  const receipt = type === 'effect.succeeded' ? ended.fact.data.receipt : null
  const digest = proposed?.fact.data.digest ?? null
  return statement(`${data.intent}@${seq}`, ended.hash, predicateTypes.effect, {
    signedAt,
    run,
    intent: data.intent,
    action: proposed?.fact.data.action ?? null,
    target: proposed?.fact.data.target ?? null,
    key: proposed?.fact.data.key ?? null,
    attempt: data.attempt,
    outcome: type.slice('effect.'.length),
    by: by.kind === 'runner' ? { id: by.id, name: by.name } : null,
    approved: approved
      ? { ...pointer(approved), gate: approved.fact.data.gate, rule: approved.fact.data.rule, digest }
      : null,
    executed: receipt ? executedOf(receipt) : null,
    started: started ? { ...pointer(started), at: started.fact.at } : null,
    ...pointer(ended),
    at,
    receipt,
  })
}

/** Every statement of the control plane about these facts, by name; the manifest's apart. */
export const runStatements = (
  links: readonly Link[],
  reports: readonly number[],
  signedAt: number,
): Map<string, Statement> =>
  new Map([
    [statementNames.head, headStatement(links, reports, signedAt)],
    ...linksOf(links, 'decision.made', 'change.merge_requested').map(
      (link) => [statementNames.decision(link.fact.seq), decisionStatement(links, link, signedAt)] as const,
    ),
    ...linksOf(links, 'effect.succeeded', 'effect.failed', 'effect.unknown').map(
      (link) => [statementNames.effect(link.fact.seq), effectStatement(links, link, signedAt)] as const,
    ),
  ])
