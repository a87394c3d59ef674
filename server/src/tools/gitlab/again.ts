/**
 * What is a delivery about now?
 * The issue, merge request or comment is fetched once more, with the files of a merge request, who edited its texts by GitLab's own notes, and who its people are.
 * A few requests side by side, bounded in time; when one fails, what was delivered counts, and a note says so.
 */
import type { Outside } from '@viewportai/core/tools/outside'
import { filesInPages, filesOnPage, namesOf } from '../paths-field.ts'
import type { Connection, FetchedAgain, StoredDelivery } from '../port.ts'
import { Note, Rest, type User } from '@viewportai/core/tools/gitlab/rest'
import type { Found } from './again-form.ts'
import { askerFor, messageIn, nextPage, projectPath, type Ask, type Came } from '@viewportai/core/tools/gitlab/ask'
import { thingTold } from './thing.ts'
import { payloadOf, type Payload } from './told.ts'

const millis = 5_000
const peopleAtMost = 8

export const again = async (
  { body, part }: StoredDelivery,
  connection: Connection,
  outside: Outside,
): Promise<FetchedAgain> => {
  const payload = payloadOf(body)
  if (typeof payload === 'string' || part === null || !payload.project) return { found: {} } // nothing that can change
  const ask = askerFor(connection, outside, millis)
  const at = projectPath(payload.project.id)
  try {
    const about = await aboutNow(ask, at, payload)
    const wrote = [
      payload.user?.id,
      payload.user_id,
      about.thing?.author?.id,
      about.note?.author?.id,
      ...(about.editors ?? []).map((one) => one?.id),
    ]
    const ids = [...new Set(wrote.filter((id): id is number => typeof id === 'number'))].slice(0, peopleAtMost)
    const people = Object.fromEntries(await Promise.all(ids.map(async (id) => [id, await whoIs(ask, at, id)] as const)))
    return { found: { ...about, people } }
  } catch (error) {
    return {
      note: `${payload.project.path_with_namespace} could not be asked again (${(error as Error).message.slice(0, 200)}); what was delivered counts, as outside text.`,
    }
  }
}

const aboutNow = async (ask: Ask, at: string, payload: Payload): Promise<Partial<Found>> => {
  const told = payload.object_kind === 'pipeline' || payload.object_kind === 'push' ? null : thingTold(payload)
  if (!told) return {}
  const one = `${at}/${told.mr ? 'merge_requests' : 'issues'}/${told.iid}`
  const note = payload.object_kind === 'note' ? payload.object_attributes?.['id'] : undefined
  const [thing, said, diffs, changes] = await Promise.all([
    get(ask, one),
    typeof note === 'number' ? get(ask, `${one}/notes/${note}`) : null,
    told.mr ? filesOf(ask, `${one}/diffs`) : null,
    ask('GET', `${one}/notes?activity_filter=only_activity&sort=desc&order_by=created_at&per_page=100`),
  ])
  return {
    thing: Rest.parse(thing),
    ...(said === null ? {} : { note: Note.parse(said) }),
    ...(diffs && { paths: diffs }),
    editors: editorsIn(changes),
  }
}

/** Names of all files of a merge request; null: there are more than can be matched on. */
const filesOf = async (ask: Ask, path: string): Promise<string[] | null> => {
  const files = await filesInPages(async (number) => {
    const told = await get(ask, `${path}?per_page=${filesOnPage}&page=${number}`)
    if (!Array.isArray(told)) throw new Error('GitLab told no list of files')
    return told
  })
  return files && files.flatMap((file) => namesOf(file, 'new_path', 'old_path'))
}

const edits = /^(changed (the )?(title|description)|marked the (task|checklist item))/

/** Who wrote in title or text after it was made, by GitLab's own notes; null: there are more than were told. */
const editorsIn = (came: Came): (User | null)[] => {
  const notes = Note.array().safeParse(came.body)
  if (came.status !== 200 || !notes.success) return [null]
  const wrote = notes.data.filter((one) => one.system && edits.test(one.body)).map((one) => one.author)
  return [
    ...new Map(wrote.map((user) => [user?.id ?? null, user])).values(),
    ...(nextPage(came) === null ? [] : [null]),
  ]
}

/** What GitLab says of an account: a program's, and its level of access to the project, also through groups. */
const whoIs = async (ask: Ask, at: string, id: number): Promise<{ bot: boolean; level: number }> => {
  const [user, member] = await Promise.all([ask('GET', `/users/${id}`), ask('GET', `${at}/members/all/${id}`)])
  const held = member.status === 404 ? {} : (good(member) as { access_level?: unknown; state?: unknown })
  const level = held.state === undefined || held.state === 'active' ? held.access_level : 0
  // An account that cannot be seen is not taken for a person's.
  return {
    bot: user.status === 404 || (good(user) as { bot?: unknown }).bot === true,
    level: typeof level === 'number' ? level : 0,
  }
}

const get = async (ask: Ask, path: string): Promise<unknown> => good(await ask('GET', path))

const good = ({ status, body }: Came): unknown => {
  if (status === 200) return body
  throw new Error(`GitLab answered ${status}${messageIn(body) ? `: ${messageIn(body)}` : ''}`)
}
