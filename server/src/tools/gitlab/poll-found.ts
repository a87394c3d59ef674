/** What happened to the things of GitLab that changed, each in the form of a webhook about it? */
import { z } from 'zod'
import { Note, Rest, User } from '@viewportai/core/tools/gitlab/rest'
import { nextPage, type Ask, type Came } from '@viewportai/core/tools/gitlab/ask'
import { readerOf, type Parts } from '../poll-aside.ts'
import { Project } from './told.ts'

export type Happened = {
  /** The same whenever it is found again. */
  readonly name: string
  readonly part: string
  /** Milliseconds. */
  readonly at: number
  readonly payload: Readonly<Record<string, unknown>>
}
type Where = z.infer<typeof Project>

const LabelEvent = z.object({
  id: z.int(),
  user: User.nullish(),
  created_at: z.string(),
  label: z.object({ name: z.string() }).nullish(),
  action: z.string(),
})
const StateEvent = z.object({ id: z.int(), user: User.nullish(), created_at: z.string(), state: z.string() })
const Version = z.object({ id: z.int(), head_commit_sha: z.string(), created_at: z.string() })
const Job = z.object({
  id: z.int(),
  name: z.string(),
  stage: z.string().nullish(),
  status: z.string().nullish(),
  allow_failure: z.boolean().nullish(),
  failure_reason: z.string().nullish(),
})

type Asked = {
  readonly project: Where
  readonly kind: 'issues' | 'merge_requests' | 'pipelines'
  readonly from: number
  lost(what: string): void
  readonly parts: Parts<Ask>
}

/** What happened to one of them at or after `from` (ms), in any order. `lost` is told in a sentence what was there and not looked at. */
export const happenedTo = async (
  ask: Ask,
  { project, kind, from, lost, parts }: Asked,
  thing: unknown,
): Promise<Happened[]> => {
  if (kind === 'pipelines') return pipelineFailed(ask, project, thing, from)
  const read = Rest.safeParse(thing)
  if (!read.success) return [] // a webhook of it could not be read either
  const one = read.data
  const at = `/projects/${project.id}/${kind}/${one.iid}`
  const isMr = kind === 'merge_requests'
  const named = `${project.path_with_namespace}${isMr ? '!' : '#'}${one.iid}`
  const part = readerOf(ask, parts, named, lost)
  const none = whole<never>([])
  const [labels, states, notes, versions] = await Promise.all([
    part('labels', none, (by) => listOf(by, `${at}/resource_label_events`, LabelEvent, from)),
    part('changes of its state', none, (by) => listOf(by, `${at}/resource_state_events`, StateEvent, from)),
    part('notes', none, (by) => notesOf(by, at, from)),
    isMr ? part('versions', none, (by) => listOf(by, `${at}/versions`, Version, -Infinity)) : none,
  ])
  for (const [list, called] of [
    [labels, 'labels'],
    [states, 'changes of its state'],
    [notes, 'notes'],
    [versions, 'versions'],
  ] as const)
    if (list.isCut) lost(`${named} has more ${called} than are looked at: some were left out.`)
  const attributes = {
    iid: one.iid,
    title: one.title,
    description: one.description,
    author_id: one.author?.id ?? null,
    state: one.state,
    created_at: one.created_at,
    url: one.web_url,
    confidential: one.confidential,
    ...(isMr
      ? {
          source_branch: one.source_branch,
          target_branch: one.target_branch,
          source_project_id: one.source_project_id,
          target_project_id: one.target_project_id,
          draft: one.draft,
          last_commit: one.sha === null ? null : { id: one.sha },
        }
      : {}),
  }
  const titled = one.labels.map((title) => ({ title }))
  const name = `${project.id}${isMr ? '!' : '#'}${one.iid}`
  const tell = (
    of: string,
    part: string,
    action: string,
    { user, when, changes = {}, more = {} }: { user: unknown; when: string; changes?: object; more?: object },
  ): Happened => ({
    name: of,
    part,
    at: Date.parse(when),
    payload: {
      object_kind: isMr ? 'merge_request' : 'issue',
      user: user ?? null,
      project,
      // The time is the event's own, as a webhook about it had it.
      object_attributes: { ...attributes, action, updated_at: when, ...more },
      labels: action === 'open' ? [] : titled,
      assignees: action === 'open' ? [] : one.assignees,
      changes,
    },
  })
  const isNews = (when: string | null): when is string => when !== null && Date.parse(when) >= from
  const said = notes.all.filter((note) => isNews(note.created_at))
  return [
    ...(isNews(one.created_at)
      ? [tell(`opened ${name}`, 'opened', 'open', { user: one.author, when: one.created_at })]
      : []),
    ...labels.all
      .filter((event) => event.action === 'add' && event.label && isNews(event.created_at))
      .map((event) =>
        tell(`label ${project.id} ${isMr ? 'mr' : 'issue'} ${event.id}`, 'labeled:0', 'update', {
          user: event.user,
          when: event.created_at,
          changes: { labels: { previous: [], current: [{ title: event.label!.name }] } },
        }),
      ),
    ...states.all
      .filter((event) => actions[event.state] !== undefined && isNews(event.created_at))
      .map((event) =>
        tell(
          `state ${project.id} ${isMr ? 'mr' : 'issue'} ${event.id}`,
          event.state === 'reopened' ? 'reopened' : 'closed',
          actions[event.state]!,
          {
            user: event.user,
            when: event.created_at,
          },
        ),
      ),
    // The first one is of the beginning.
    ...versions.all
      .toSorted((a, b) => a.id - b.id)
      .slice(1)
      .filter((version) => isNews(version.created_at))
      .map((version) =>
        tell(`version ${project.id} ${version.id}`, 'updated', 'update', {
          // Who pushed, GitLab does not tell here.
          user: null,
          when: version.created_at,
          more: { oldrev: 'before', last_commit: { id: version.head_commit_sha } },
        }),
      ),
    ...said
      .filter((note) => note.system && isMr && note.body.startsWith('approved this merge request'))
      .map((note) =>
        tell(`approval ${project.id} ${note.id}`, 'approved', 'approved', { user: note.author, when: note.created_at }),
      ),
    ...said
      .filter((note) => note.system && isMr && isReadied(note.body))
      .map((note) =>
        tell(`ready ${project.id} ${note.id}`, 'ready', 'update', {
          user: note.author,
          when: note.created_at,
          changes: { draft: { previous: true, current: false } },
        }),
      ),
    ...said
      .filter((note) => note.system && !isMr)
      .flatMap((note) =>
        assignedIn(note.body).map((username) =>
          tell(`assigned ${project.id} ${note.id} ${username}`, 'assigned:0', 'update', {
            user: note.author,
            when: note.created_at,
            changes: { assignees: { previous: [], current: [{ username }] } },
          }),
        ),
      ),
    ...said
      .filter((note) => !note.system)
      .map((note) => ({
        name: `note ${note.id}`,
        part: 'commented',
        at: Date.parse(note.created_at),
        payload: {
          object_kind: 'note',
          user: note.author,
          project,
          object_attributes: {
            id: note.id,
            note: note.body,
            created_at: note.created_at,
            action: 'create',
            system: false,
          },
          [isMr ? 'merge_request' : 'issue']: { ...attributes, updated_at: one.updated_at, labels: titled },
        },
      })),
  ]
}

/** What a webhook calls a change of state that this list tells. */
const actions: Readonly<Record<string, string | undefined>> = { closed: 'close', merged: 'merge', reopened: 'reopen' }

/** Does GitLab's own note say that a merge request was taken out of draft? */
export const isReadied = (body: string): boolean => /^marked this merge request as \**ready\**$/.test(body.trim())

/** Whom GitLab's own note about an issue says to be assigned: `assigned to @kim and @sam and unassigned @lee`. */
export const assignedIn = (body: string): string[] => {
  const names = /^assigned to (.*?)(?:,? and unassigned .*)?$/s.exec(body)?.[1] ?? ''
  return [...names.matchAll(/@([\w.-]{1,255})/g)].map((found) => found[1]!.replace(/\.$/, ''))
}

const pagesAtMost = 10

/** `isCut`: there is more that nobody looked at. */
type Listed<T> = { readonly all: T[]; readonly isCut: boolean }
const whole = <T>(all: T[]): Listed<T> => ({ all, isCut: false })

/** All comments and GitLab's own notes since `from`, newest first. */
const notesOf = async (ask: Ask, at: string, from: number): Promise<Listed<Note>> => {
  const all: Note[] = []
  let page: string | null = '1'
  for (let asked = 0; page !== null && asked < pagesAtMost; asked++) {
    const came: Came = await ask('GET', `${at}/notes?sort=desc&order_by=created_at&per_page=100&page=${page}`)
    const notes = manyOf(came, Note)
    all.push(...notes)
    if (notes.length === 0 || Date.parse(notes.at(-1)!.created_at) < from) return whole(all)
    page = nextPage(came)
  }
  return { all, isCut: page !== null }
}

/** What of a list happened at or after `from`: GitLab gives the oldest first, so it is gone back from the last page. */
const listOf = async <T extends { created_at: string }>(
  ask: Ask,
  path: string,
  one: z.ZodType<T>,
  from: number,
): Promise<Listed<T>> => {
  const read = async (page: number): Promise<{ came: Came; rows: T[] }> => {
    const came = await ask('GET', `${path}?per_page=100&page=${page}`)
    return { came, rows: manyOf(came, one) }
  }
  const first = await read(1)
  const pages = Number(first.came.headers['x-total-pages'] ?? 1)
  const all = [...first.rows]
  for (let page = pages; page > 1; page--) {
    if (pages - page === pagesAtMost) return { all, isCut: true }
    const { rows } = await read(page)
    all.push(...rows)
    if (rows.some((row) => Date.parse(row.created_at) < from)) break
  }
  return whole(all)
}

const manyOf = <T>({ body }: Came, one: z.ZodType<T>): T[] =>
  (Array.isArray(body) ? body : []).flatMap((value) => {
    const read = one.safeParse(value)
    return read.success ? [read.data] : []
  })

const pipelineFailed = async (ask: Ask, project: Where, thing: unknown, from: number): Promise<Happened[]> => {
  const { id } = thing as { id?: unknown }
  if (typeof id !== 'number') return []
  const at = `/projects/${project.id}/pipelines/${id}`
  const [one, jobs] = await Promise.all([ask('GET', at), ask('GET', `${at}/jobs?scope[]=failed&per_page=100`)])
  const told = one.body as Record<string, unknown>
  const when = String(told['finished_at'] ?? told['updated_at'])
  if (told['status'] !== 'failed' || !(Date.parse(when) >= from)) return []
  const { ref, sha, source, web_url: url, user } = told
  // A pipeline of a merge request is told by its name alone; whether that comes from a fork is asked.
  const iid = /^refs\/merge-requests\/(\d{1,9})\//.exec(String(ref))?.[1]
  const mr = iid === undefined ? null : (await ask('GET', `/projects/${project.id}/merge_requests/${iid}`)).body
  return [
    {
      name: `pipeline ${id} ${when}`,
      part: 'failed',
      at: Date.parse(when),
      payload: {
        object_kind: 'pipeline',
        user: user ?? null,
        project,
        object_attributes: { id, ref, sha, source, status: 'failed', finished_at: when, url },
        // The API says labels by name, a webhook as objects; nothing of a pipeline's event is read from them.
        ...(mr === null ? {} : { merge_request: { ...(mr as object), labels: [] } }),
        builds: manyOf(jobs, Job),
      },
    },
  ]
}
