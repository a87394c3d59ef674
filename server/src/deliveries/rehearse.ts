/**
 * How does a person try a workflow with a sample event?
 * As a run like any other, marked as a rehearsal from its first fact on: agents work, people are asked, and what would be done outside is
 * shown and never done. The workflow need not be enabled; who may start it is as it says.
 */
import { tools as forms } from '@viewportai/core/event/tools'
import type { EventActor, TriggerEvent } from '@viewportai/core/event/trigger-event'
import { admission, type People } from '@viewportai/core/match/admission'
import { fitted } from '@viewportai/core/match/fitted'
import { readInputs } from '@viewportai/core/match/inputs'
import { match } from '@viewportai/core/match/match'
import { nearest } from '@viewportai/core/workflow/nearest'
import { refuse, type Refusal } from '@viewportai/core/refusal'
import type { Compiled, Trigger } from '@viewportai/core/workflow/compiled'
import type { Database } from '../database/open.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import { Refused } from '../http/problem.ts'
import { repeatedly } from '../ledger/act.ts'
import type { ReadSample } from '../samples/built-in.ts'
import { allSamples } from '../samples/samples.ts'
import type { Asker } from '../sign-in/asker.ts'
import { versionOf } from '../workflows/read.ts'
import { missingWords, readiness } from '../workflows/readiness.ts'
import { readWorld } from '../workflows/world.ts'
import { entryOf, handlesOf } from './entries.ts'
import { startIn } from './start.ts'
import { finishAll } from './verdict.ts'

type Asked = { readonly workflow: string; readonly sample: string; readonly request: string | null }
type Rehearsed = { run: string; number: number; delivery: string; set: string[] }

/** Samples with, for each, whether this workflow listens to it. */
export const samplesFor = (
  compiled: Compiled | null,
): { id: string; says: string; tool: string; event: string; title: string; heard: boolean }[] =>
  allSamples().map(({ id, says, told }) => ({
    id,
    says,
    tool: told.tool,
    event: told.event,
    title: told.subject.title,
    heard: compiled !== null && triggerOf(compiled, told) >= 0,
  }))

const triggerOf = (compiled: Compiled, { tool, event }: Pick<TriggerEvent, 'tool' | 'event'>): number =>
  compiled.triggers.findIndex((trigger) => trigger.tool === tool && trigger.event === event)

/** Starts it now or says why not. The same request id starts once. */
export const rehearse = (db: Database, asker: Asker, asked: Asked): Promise<Rehearsed | Refusal> =>
  repeatedly(() => inWorkspace(db, asker.workspace, (tx) => rehearseIt(tx, asker, asked)))

const rehearseIt = async (
  tx: Tx,
  asker: Asker,
  { workflow, sample: id, request }: Asked,
): Promise<Rehearsed | Refusal> => {
  const stored = await versionOf(tx, workflow)
  if (!stored) return refuse('not_found', { what: 'workflow', id: workflow })
  const samples = allSamples()
  const sample = samples.find((one) => one.id === id)
  if (!sample) {
    const near = nearest(
      id,
      samples.map((one) => one.id),
    )
    return refuse('not_found', { what: 'sample', id: `${id.slice(0, 80)}${near ? ` (did you mean ${near}?)` : ''}` })
  }
  if (!stored.enabled && asker.role !== 'admin')
    return refuse('not_allowed', {
      who: `@${asker.handle}`,
      why: `${workflow} is not enabled, and only an admin may try it so: its agents and checks run, with nothing done outside`,
    })
  const { compiled } = stored
  const index = triggerOf(compiled, sample.told)
  const trigger = compiled.triggers[index]
  if (!trigger)
    return refuse('run_spec_invalid', {
      why: `${workflow} does not listen to ${sample.told.tool}.${sample.told.event}; it listens to ${[...new Set(compiled.triggers.map((one) => `${one.tool}.${one.event}`))].join(', ')}`,
    })
  const read = readInputs(trigger.inputs, sampleInputs(trigger.inputs))
  if (!read.ok) return refuse('run_spec_invalid', { why: 'its inputs cannot be filled with samples' })
  const delivery = freshId('dlv')
  const providerId = `${asker.person}:${request ?? delivery}`
  await tx.query(
    `insert into vp.deliveries (workspace, delivery, source, provider_id, tool) values ($1, $2, 'sample', $3, $4) on conflict (workspace, source, provider_id) do update set repeats = vp.deliveries.repeats + 1`,
    [tx.workspace, delivery, providerId, sample.told.tool],
  )
  const before = await startedBefore(tx, providerId, delivery)
  if (before) return before
  const world = await readWorld(tx)
  const { missing } = readiness(compiled, world)
  if (missing.length > 0)
    throw new Refused(refuse('not_ready', { workflow, missing: missingWords(missing), list: missing }))
  const { fields, set } = fitted(sample.told.fields, trigger)
  const people = handlesOf(world.people)
  const event = eventOf(actorOf(asker, sample, trigger, people), sample, fields, {
    delivery,
    at: (await tx.query<{ now: number }>('select vp.now_ms() as now')).rows[0]!.now,
  })
  const report = match(event, [{ ...entryOf(stored), enabled: true }], people, read.inputs)
  const answer = report.answers[0]!
  if (answer.outcome !== 'starts')
    throw new Refused(refuse('not_allowed', { who: `@${asker.handle}`, why: answer.why }))
  const [started] = await startIn(
    tx,
    [{ delivery, event, stored, trigger: answer.trigger, inputs: read.inputs, rehearsal: sample.id }],
    world,
    false,
  )
  if (started!.state === 'refused') throw new Refused(started!.refusal)
  if (started!.state !== 'started') throw new Error(`a rehearsal of ${workflow} was ${started!.state}`)
  finishAll(tx, [{ delivery, event, report, started: [started!] }])
  return { run: started!.run, number: started!.number, delivery, set }
}

/** A value for every input that must be given. */
const sampleInputs = (declared: Compiled['triggers'][number]['inputs']): Record<string, string | number | boolean> =>
  Object.fromEntries(
    Object.entries(declared)
      .filter(([, input]) => input.required)
      .map(([name, { type }]) => [name, { string: 'sample', number: 1, boolean: true }[type]]),
  )

const startedBefore = async (tx: Tx, providerId: string, own: string): Promise<Rehearsed | null> => {
  const { rows } = await tx.query<Omit<Rehearsed, 'set'>>(
    `select n.run, n.number, d.delivery from vp.deliveries d join vp.runs n on n.workspace = $1 and n.run = d.runs[1] where d.workspace = $1 and d.source = 'sample' and d.provider_id = $2 and d.delivery <> $3`,
    [tx.workspace, providerId, own],
  )
  return rows[0] ? { ...rows[0], set: [] } : null
}

/**
 * As who it is done: as this person, where the trigger lets them start it. What only a program or the connection itself sets off (a build, the
 * clock, a bot) no person does: it is done as that, by whoever may try the workflow.
 */
const actorOf = (asker: Asker, { told, id }: ReadSample, trigger: Trigger, people: People): EventActor => {
  const person: EventActor = {
    id: asker.person,
    name: asker.name,
    trust: 'member',
    person: asker.person,
    teams: asker.teams,
  }
  const nobody = { id: `sample:${id}`, person: null, teams: [] }
  if (told.tool === 'schedule') return { ...nobody, name: 'The schedule', trust: 'source' }
  if (admission(person, trigger, people).yes) return person
  if (trigger.startedBy.includes('source'))
    return { ...nobody, name: `${forms[told.tool]?.title ?? told.tool}, a sample`, trust: 'source' }
  const bot = trigger.startedBy.find((who) => who.startsWith('bots:'))?.slice('bots:'.length)
  return bot === undefined ? person : { ...nobody, id: bot, name: `${bot}, a sample`, trust: 'bot' }
}

/** The sample as if this actor had done it. Nothing outside is named that an action could be about. */
const eventOf = (
  actor: EventActor,
  { told }: ReadSample,
  fields: TriggerEvent['fields'],
  { delivery, at }: { delivery: string; at: number },
): TriggerEvent => ({
  ...told,
  fields,
  id: delivery,
  at,
  actor,
  subject: { ...told.subject, label: `Sample ${told.subject.label}`.slice(0, 120) },
  outsideText: false,
})
