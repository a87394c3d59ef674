/** What do all effects in Jira need? The issue they are about, within the projects of the connection. */
import { failed } from '../ended.ts'
import type { Connection } from '../port.ts'
import type { Ask, Told } from './ask.ts'
import { isOurProject, siteOf } from './fields.ts'

export type Target = {
  readonly id: string
  readonly key: string
  readonly status: string
  readonly assignee: { readonly accountId: string; readonly displayName: string } | null
}

/** The issue by its key (OPS-7) or its id. Throws Ended: it is not there, or of a project that the connection does not name. */
export const targetOf = async (connection: Connection, ask: Ask, target: string): Promise<Target> => {
  const { id, key, fields } = await ask('GET', `/issue/${encodeURIComponent(target)}?fields=project,status,assignee`)
  const project = String((fields as Told)['project']['key'])
  if (!isOurProject(connection, project)) throw outsideOf(connection, project)
  return { id, key, status: String(fields['status']['name']), assignee: fields['assignee'] ?? null }
}

export const outsideOf = (connection: Connection, project: string): Error =>
  failed(
    'outside_workflow',
    `The connection ${connection.name} does not name the project ${project}.`,
    'Add the project to the connection when it is meant.',
  )

/** What a receipt says of an issue: by `ref` later actions find it. */
export const seen = ({ id, key }: Pick<Target, 'id' | 'key'>): Record<string, string> => ({ ref: id, key })

export const pageOf = ({ settings }: Connection, key: string): string => `${siteOf(settings)}/browse/${key}`
