/**
 * What does a delivery of GitLab say happened?
 * Webhooks, and what was found by asking, in one form. What nothing can listen to is ignored with a reason; text in it stays text.
 */
import { around } from '../same-moment.ts'
import { pathsField } from '../paths-field.ts'
import { lastingCommand } from '../command.ts'
import { looksOurs } from '@viewportai/core/tools/hidden-marker'
import type { KnownConnection } from '@viewportai/core/tools/port'
import type { Reading, Said, Somebody, StoredDelivery } from '../port.ts'
import { shortName } from '../short-name.ts'
import { editor, readFound, somebody, type Found } from './again-form.ts'
import { accountsAt } from '@viewportai/core/tools/gitlab/fields'
import { readPipeline, readPush } from './read-code.ts'
import { instant } from '@viewportai/core/tools/gitlab/instant'
import { fieldText } from './said.ts'
import { thingFound, thingTold, type Thing } from './thing.ts'
import { newAssignees, newLabels, payloadOf, type Payload } from './told.ts'

/** A webhook and the list of what happened put the same thing this far apart at most. */
const momentMillis = 2_000

export const read = ({ body, part, again }: StoredDelivery, connection: KnownConnection): Reading => {
  const payload = payloadOf(body)
  if (typeof payload === 'string') return { unreadable: payload }
  if (part === null) return { ignored: `No workflow can listen to ${payload.object_kind} of GitLab as it is.` }
  try {
    const reading = readOne(payload, part, readFound(again), again === undefined)
    const host = accountsAt(connection)
    if (!('said' in reading)) return reading
    const { project } = payload
    const place = project && { name: project.path_with_namespace, number: String(project.id) }
    const said = { ...reading.said, ...(place && { place }) }
    if (host === null) return { ...reading, said }
    // Two servers count alike: what happened at one of somebody's own carries its name.
    const named = (name: string): string => shortName(`${host.slice(0, 60)} ${name}`, 180)
    return { ...reading, said: { ...said, id: named(said.id), also: (said.also ?? []).map(named) } }
  } catch (error) {
    const issue = (error as { issues?: { path: PropertyKey[]; message: string }[] }).issues?.[0]
    if (!issue) throw error
    return {
      unreadable: `${payload.object_kind} of GitLab lacks ${issue.path.map(String).join('.') || 'what it should have'} (${issue.message}).`,
    }
  }
}

const readOne = (payload: Payload, part: string, found: Found, isBare: boolean): Reading => {
  const { object_kind: kind, project } = payload
  if (!project) return { unreadable: `${kind} of GitLab names no project.` }
  if (kind === 'pipeline') return readPipeline(payload, project, found)
  if (kind === 'push') return readPush(payload, project, found)
  const told = thingTold(payload)
  if (!told) return { unreadable: `${kind} of GitLab names no issue and no merge request.` }
  const thing = found.thing ? thingFound(found.thing) : told
  const isChanged = told.title !== thing.title || told.body !== thing.body
  const happened = kind === 'note' ? commented(payload, thing, found) : changed(payload, part, thing, told)
  if (typeof happened === 'string') return { unreadable: happened }
  const { authors = [], names, fields, ...rest } = happened
  const [id, ...also] = names.map((name) => shortName(name, 170)) as [string, ...string[]]
  const sign = thing.mr ? '!' : '#'
  const label = `${project.path_with_namespace}${sign}${thing.iid}`
  return {
    // Who somebody is at GitLab and who the author is are asked for first.
    partial: isBare,
    said: {
      id,
      also,
      actor: somebody(payload.user, found),
      authors: [
        ...authors,
        somebody(thing.author, found),
        ...found.editors.map((user) => (user === null ? editor : somebody(user, found))),
        ...(isChanged ? [editor] : []),
        // The code of another project is its owner's, whoever opened this.
        ...(thing.mr?.fork ? [{ id: 'fork', name: 'the owner of the fork', standing: 'outsider' as const }] : []),
      ],
      subject: { label, title: thing.title, url: thing.url, ref: label, made: instant(thing.createdAt) },
      fields: { ...thingFields(thing, project.path_with_namespace, found), ...fields },
      ...rest,
    },
  }
}

type Happened = Pick<Said, 'event' | 'at' | 'text' | 'fields'> & {
  readonly ours: boolean
  /** By any of these the event is known. */
  readonly names: readonly string[]
  readonly authors?: readonly Somebody[]
}

const thingFields = (thing: Thing, repo: string, { paths }: Found): Said['fields'] => ({
  repo,
  title: fieldText(thing.title),
  body: fieldText(thing.body),
  labels: thing.labels.slice(0, 500),
  author: thing.author?.username ?? null,
  number: thing.iid,
  ...(thing.mr
    ? {
        base: thing.mr.base,
        branch: thing.mr.branch,
        draft: thing.mr.draft,
        fork: thing.mr.fork,
        paths: pathsField(paths ?? [], paths !== undefined),
      }
    : {
        assignees: thing.assignees.slice(0, 500),
        milestone: thing.milestone,
        confidential: thing.confidential,
      }),
})

const changed = (payload: Payload, part: string, thing: Thing, told: Thing): Happened | string => {
  const kind = thing.mr ? 'mr' : 'issue'
  const name = `${payload.project!.id}${thing.mr ? '!' : '#'}${thing.iid}`
  const [word, number] = part.split(':') as [string, string?]
  const at = instant(told.updatedAt)
  const by = payload.user?.id ?? 0
  const near = (what: string): string[] => around(`${kind}_${what}:${by}`, at ?? 0, momentMillis)
  const common = { event: `${kind}_${word}`, at, text: thing.body, fields: {}, ours: false }
  const label = newLabels(payload)[Number(number)]
  const assignee = newAssignees(payload)[Number(number)]?.username
  switch (word) {
    case 'opened':
      return { ...common, at: instant(thing.createdAt), names: [`${kind}_opened:${name}`], ours: looksOurs(told.body) }
    case 'closed': {
      const merged = payload.object_attributes?.['action'] === 'merge'
      // It is merged once, and may be closed several times.
      const names = merged ? [`mr_merged:${name}`] : near(`closed:${name}`)
      return { ...common, names, fields: thing.mr ? { merged } : {} }
    }
    case 'updated':
      return { ...common, names: [`mr_updated:${name}:${told.mr?.sha}`] }
    case 'approved':
    case 'ready':
    case 'reopened':
      return { ...common, names: near(`${word}:${name}`) }
    case 'labeled':
      return label === undefined
        ? `${name} has no new label of that number.`
        : { ...common, names: near(`labeled:${name}:${shortName(label, 100)}`), fields: { label } }
    case 'assigned':
      return assignee === undefined
        ? `${name} has nobody new of that number.`
        : { ...common, names: near(`assigned:${name}:${assignee}`), fields: { assignee } }
    default:
      return `${part} is no part of GitLab's ${kind}.`
  }
}

const commented = (payload: Payload, thing: Thing, found: Found): Happened | string => {
  const { id, note: words, created_at: made } = payload.object_attributes ?? {}
  if (typeof id !== 'number' || typeof words !== 'string') return 'note of GitLab has no id or no text.'
  const text = found.note?.body ?? words
  const isEdited =
    found.note !== undefined &&
    (found.note.body !== words || (found.note.updated_at ?? found.note.created_at) !== found.note.created_at)
  return {
    event: thing.mr ? 'mr_comment' : 'issue_comment',
    names: [`note:${payload.project!.id}:${id}`],
    at: instant(typeof made === 'string' ? made : null),
    authors: [somebody(found.note?.author ?? payload.user, found), ...(isEdited ? [editor] : [])],
    fields: { text: fieldText(text), command: lastingCommand(words, text) },
    text: `${text}\n\n---\n${thing.title}\n\n${thing.body}`,
    ours: looksOurs(words),
  }
}
