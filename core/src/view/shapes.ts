/**
 * In which shapes do people see a run?
 * Board rows, gate cards and timelines as plain values, read from facts by the files beside this one. Nothing here is stored as truth.
 */
import { z } from 'zod'
import { Millis, Sha256 } from '../ids.ts'
import { BodyRef } from '../digest/body.ts'
import { Subject, gateKinds } from '../gate/subject.ts'
import { CheckOutcome, Isolation, Usage } from '../run/facts.ts'

const chipStates = ['done', 'run', 'wait', 'stop', 'later'] as const
/** One chip of the row that reads as a sentence: actor, verb, state. */
export const Chip = z.strictObject({
  actor: z.enum(['agent', 'person', 'system', 'result']),
  name: z.string(),
  verb: z.string(),
  state: z.enum(chipStates),
  step: z.string(),
})
export type Chip = z.infer<typeof Chip>

/** The state of a run in one word family: colour token and words ("awaiting @jess", "implementing", "merged by @sam"). */
const RunWords = z.strictObject({ tone: z.enum(['wait', 'run', 'done', 'stop', 'idle']), words: z.string() })

export const BoardRow = z.strictObject({
  run: z.string(),
  number: z.int(),
  group: z.enum(['waiting', 'running', 'finished']),
  source: z.string(),
  result: z.string(),
  title: z.string(),
  workflow: z.string(),
  state: RunWords,
  chips: z.array(Chip),
  context: z.array(z.string()),
  usage: Usage,
  tainted: z.boolean(),
  /** Started with a sample event: nothing outside happens. */
  rehearsal: z.boolean(),
  startedAt: Millis,
  finishedAt: Millis.nullable(),
  waitingSince: Millis.nullable(),
  /** ids of people a gate waits for, so that a page can say which are yours */
  awaits: z.array(z.string()),
  gate: z.string().nullable(),
  runner: z.string().nullable(),
  why: z.string().nullable(), // why: "no runner fits: codex"
})
export type BoardRow = z.infer<typeof BoardRow>

export const Vote = z.strictObject({
  person: z.string(),
  name: z.string(),
  verdict: z.enum(['approve', 'request_changes', 'reject', 'answer']),
  at: Millis,
  digest: Sha256,
  comment: z.string().nullable(),
  lines: z.array(z.strictObject({ path: z.string(), line: z.int(), side: z.enum(['old', 'new']), text: z.string() })),
  answer: z.strictObject({ choice: z.string(), text: z.string().nullable() }).nullable(),
  selfApproved: z.boolean(),
})
export type Vote = z.infer<typeof Vote>

/** An open or closed gate as one item of the inbox. */
export const GateItem = z.strictObject({
  gate: z.string(),
  run: z.string(),
  number: z.int(),
  kind: z.enum(gateKinds),
  state: z.enum(['open', 'closed']),
  outcome: z.string().nullable(),
  verb: z.string(), // "Push 4 files to acme/payments-api"
  source: z.string(),
  title: z.string(),
  workflow: z.string(),
  agent: z.string().nullable(),
  round: z.int(),
  tainted: z.boolean(),
  /** Of a run that was started with a sample event: what is approved is not done. */
  rehearsal: z.boolean(),
  openedAt: Millis,
  closedAt: Millis.nullable(),
  holdsRun: z.boolean(),
  yours: z.boolean(),
  myVerdict: z.string().nullable(),
})
export type GateItem = z.infer<typeof GateItem>

/** All that a card shows, so that a good decision takes ten seconds. */
export const GateCard = z.strictObject({
  ...GateItem.shape,
  name: z.string(),
  subject: Subject,
  digest: Sha256,
  body: BodyRef.nullable(),
  /** who may decide, and why the viewer may or may not */
  may: z.strictObject({ decide: z.boolean(), why: z.string() }),
  approvers: z.array(z.strictObject({ principal: z.string(), label: z.string() })),
  required: z.int(),
  /** how many people may vote now and have not; counted up to 100 */
  voters: z.int(),
  votes: z.array(Vote),
  excluded: z.array(z.strictObject({ name: z.string(), why: z.string() })),
  expiresAt: Millis.nullable(),
  reasons: z.array(z.string()), // why a person is asked; and, when too few may vote, what would help
  /** for a command: every rule that was looked at, in order, and what it found; else none */
  rules: z.array(
    z.strictObject({
      rule: z.string(),
      effect: z.enum(['allow', 'ask', 'deny']),
      held: z.boolean(),
      found: z.string().nullable(),
    }),
  ),
  plannedFiles: z.array(z.string()).nullable(), // from the approved plan; null when there was none
  planBody: BodyRef.nullable(),
  tests: z
    .strictObject({
      before: z.array(CheckOutcome).nullable(),
      after: z.array(CheckOutcome),
      passed: z.boolean(),
      rounds: z.int(),
    })
    .nullable(),
  /** what the viewer saw last of this gate's step: an earlier round's gate, for "since you looked" */
  previous: z
    .strictObject({
      gate: z.string(),
      round: z.int(),
      digest: Sha256,
      subject: Subject,
      body: BodyRef.nullable(),
      votes: z.array(Vote),
    })
    .nullable(),
  then: z.array(z.string()), // what happens next, sentences
  /** what an approval lets leave the runner: a push, only the opening of what was pushed already, nothing; null when the gate is about something else */
  leaves: z.enum(['push', 'open', 'nothing']).nullable(),
  isolation: Isolation.nullable(),
  agentVersion: z.string().nullable(),
  agentTested: z.boolean().nullable(),
  usage: Usage,
  budgetUsd: z.number().nullable(),
  held: z
    .strictObject({ runner: z.string(), name: z.string(), online: z.boolean(), lastSeen: Millis.nullable() })
    .nullable(),
  pushesRefused: z.int(),
  choices: z.array(
    z.strictObject({ id: z.string(), label: z.string(), text: z.enum(['none', 'optional', 'required']) }),
  ),
  /** what somebody outside wrote that an approval here lets the run act on, and who that was, with hidden characters shown; null elsewhere */
  outside: z.string().nullable(),
  withdrawable: z.boolean(),
  next: z.string().nullable(), // the viewer's next gate
})
export type GateCard = z.infer<typeof GateCard>

/** One line of the timeline: past tense, bold subject and verb, evidence under it. */
export const TimelineItem = z.strictObject({
  seq: z.int(),
  at: Millis,
  mark: z.enum(['dot', 'agent', 'person']),
  tone: z.enum(['wait', 'run', 'done', 'stop', 'taint', 'idle']),
  name: z.string(),
  bold: z.string(),
  rest: z.string(),
  evidence: z.string().nullable(),
  gate: z.string().nullable(),
  body: BodyRef.nullable(),
  /** where what was done outside is to be seen, as the tool says; null: nowhere, or it is no such line */
  url: z.string().nullable(),
  indent: z.boolean(),
})
export type TimelineItem = z.infer<typeof TimelineItem>
