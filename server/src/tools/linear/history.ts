/**
 * What happened to an issue since a time, by its history?
 * Who created it, who assigned, labelled or moved it, each as the webhook would have told it.
 */
import { editorsIn } from './again.ts'
import type { Told } from '@viewportai/core/tools/linear/ask'
import { instant } from './issue.ts'

/** `id`: the same however often it is found. `payload`: in the form of a webhook. */
export type Happened = { readonly id: string; readonly at: number; readonly part: string; readonly payload: Told }

export const happenedTo = ({ history, ...issue }: Told, since: number): Happened[] => {
  const entries = ((history?.['nodes'] ?? []) as Told[]).toSorted((a, b) => timeOf(a) - timeOf(b))
  const editors = editorsIn(entries)
  const created = instant(issue['createdAt']) ?? 0
  return [
    ...(created >= since ? beginning(issue, entries, editors) : []),
    // Linear adds what the same person does a moment later to the same entry.
    ...entries
      .filter((entry) => (instant(entry['updatedAt']) ?? timeOf(entry)) >= since)
      .flatMap((entry) => told(issue, entry, editors)),
  ]
}

const timeOf = (entry: Told): number => instant(entry['createdAt']) ?? 0

const told = (issue: Told, entry: Told, editors: readonly (Told | null)[]): Happened[] => {
  const by =
    entry['actor'] ??
    (entry['botActor'] ? { ...entry['botActor'], id: entry['botActor']['id'] ?? 'bot', app: true } : null)
  const made = (part: string, change: Told, updatedFrom: Told = {}): Happened => ({
    id: `${entry['id']} ${part} ${change['assigneeId'] ?? change['stateId'] ?? ''}`.trim(),
    at: timeOf(entry),
    part,
    payload: {
      action: 'update',
      type: 'Issue',
      actor: by,
      createdAt: entry['createdAt'],
      until: entry['updatedAt'],
      data: { ...issue, ...change },
      updatedFrom,
      editors,
    },
  })
  const { toAssigneeId, fromState, toState, addedLabels } = entry
  return [
    ...(toAssigneeId ? [made('assigned', { assigneeId: toAssigneeId })] : []),
    ...((addedLabels ?? []) as Told[]).map((label) => made(`labeled:${label['id']}`, { labels: [label] })),
    ...(fromState && toState
      ? [made('moved', { stateId: toState['id'] }, { state: { name: fromState['name'] } })]
      : []),
  ]
}

/** A new issue, with the assignee and the labels it began with: what the history took away is there, what it added is not. */
const beginning = (issue: Told, entries: readonly Told[], editors: readonly (Told | null)[]): Happened[] => {
  const firstAssigned = entries.find((entry) => entry['toAssigneeId'] || entry['fromAssigneeId'])
  const assignee = firstAssigned ? firstAssigned['fromAssigneeId'] : issue['assignee']?.['id']
  const added = new Set(
    entries.flatMap((entry) => ((entry['addedLabels'] ?? []) as Told[]).map((label) => label['id'])),
  )
  const labels = ((issue['labels']?.['nodes'] ?? []) as Told[]).filter((label) => !added.has(label['id']))
  const payload = {
    action: 'create',
    type: 'Issue',
    actor: issue['creator'],
    createdAt: issue['createdAt'],
    data: { ...issue, assigneeId: assignee },
    editors,
  }
  const parts = ['created', ...(assignee ? ['assigned'] : []), ...labels.map((label) => `labeled:${label['id']}`)]
  return parts.map((part) => ({ id: `${issue['id']} ${part}`, at: instant(issue['createdAt']) ?? 0, part, payload }))
}
