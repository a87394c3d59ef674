/** How is an issue made in Jira, once? With a link to the run in its text, by which it is found among the newest of our account. */
import { isAsAsked } from '../as-asked.ts'
import { ending, failed, looking, notSeenWhole } from '../ended.ts'
import type { Action, Connection, Effect, Receipt } from '../port.ts'
import { outsideOf, pageOf, seen } from './act.ts'
import { asking, madeId, type Told } from './ask.ts'
import { isOurProject, isProjectKey } from './fields.ts'
import { isMarked, withMarker } from './marker.ts'
import { URLSearchParams } from '../url.ts'

const pagesAtMost = 10

export const create: Action = {
  look: (effect, connection, outside) =>
    looking(async () => {
      const project = projectOf(connection, effect.target)
      const query = new URLSearchParams({
        jql: `project = "${project}" AND creator = currentUser() ORDER BY created DESC`,
        fields: shownFields,
        maxResults: '100',
      })
      for (let page = 0; page < pagesAtMost; page++) {
        const told = await asking(connection, outside)('GET', `/search/jql?${query}`)
        if (!Array.isArray(told['issues'])) throw notSeenWhole('Jira answered with no list of issues')
        const own = (told['issues'] as Told[]).find((one) => isMarked(one['fields']['description'], effect.intent))
        if (own) return { is: 'there', receipt: receiptOf(connection, own, effect, own) }
        if (typeof told['nextPageToken'] !== 'string') return { is: 'absent' }
        query.set('nextPageToken', told['nextPageToken'])
      }
      throw notSeenWhole(`${project} has many newer issues of ours, and this one was not among the latest`)
    }),
  carryOut: (effect, connection, outside) =>
    ending(async () => {
      const ask = asking(connection, outside)
      const { params } = effect
      const project = projectOf(connection, effect.target)
      const { title, labels } = wantedOf(effect)
      const made = await ask('POST', '/issue', {
        fields: {
          project: { key: project },
          issuetype: { name: String(params['type'] ?? 'Task') },
          summary: title,
          description: withMarker(String(params['body'] ?? ''), effect),
          ...(labels.length > 0 ? { labels } : {}),
        },
      })
      const back = await ask('GET', `/issue/${encodeURIComponent(madeId(made))}?fields=${shownFields}`).catch(
        () => null,
      )
      return { is: 'done', receipt: receiptOf(connection, made, effect, back) }
    }),
}

const projectOf = (connection: Connection, name: string): string => {
  const key = name.trim().toUpperCase()
  if (!isProjectKey(key))
    throw failed('no_such_name', `${name} is no key of a project.`, 'Name the project by its key.')
  if (!isOurProject(connection, key)) throw outsideOf(connection, key)
  return key
}

const shownFields = 'description,summary,labels'

/** As Jira takes it: a title of one line, and labels without blanks. */
const wantedOf = ({ params }: Effect) => ({
  title: String(params['title']).replace(/\s+/g, ' ').slice(0, 255),
  labels: ((params['labels'] as string[] | undefined) ?? []).map((label) => label.trim().replace(/\s+/g, '-')),
})

/** `back`: the issue with its fields as it is shown; null: it is not. */
const receiptOf = (connection: Connection, issue: Told, effect: Effect, back: Told | null): Receipt => {
  const { description, summary, labels } = (back?.['fields'] ?? {}) as Told
  const wanted = wantedOf(effect)
  const shown = { title: String(summary ?? ''), labels: Array.isArray(labels) ? (labels as unknown[]).map(String) : [] }
  return {
    id: String(issue['id']),
    url: pageOf(connection, String(issue['key'])),
    observed: {
      ...seen({ id: String(issue['id']), key: String(issue['key']) }),
      ...(wanted.labels.length > 0 && back !== null && { labels: shown.labels }),
    },
    readBack: isMarked(description, effect.intent) && isAsAsked(wanted, shown),
  }
}
