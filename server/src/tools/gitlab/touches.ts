/**
 * Which merge request, or which commit, does a delivery of GitLab name?
 * It only says where to look: what happened is asked, and not believed.
 */
import { z } from 'zod'
import { readPayload } from '../payload.ts'
import type { Tool } from '../port.ts'

const numbered = z.object({ iid: z.int() }).partial().nullish()
const Told = z.object({
  object_kind: z.string(),
  project: z.object({ path_with_namespace: z.string() }),
  object_attributes: z.object({ iid: z.unknown(), sha: z.unknown() }).partial().nullish(),
  merge_request: numbered,
  after: z.string().nullish(),
})

export const touches: NonNullable<Tool['touches']> = ({ body }) => {
  const told = readPayload(body, Told, 'GitLab')
  if (typeof told === 'string') return []
  const { object_kind: kind, project, object_attributes: attributes, merge_request: mr, after } = told
  const at = project.path_with_namespace
  const iids = [mr?.iid, ...(kind === 'merge_request' ? [attributes?.iid] : [])]
  return [
    ...new Set([
      ...iids.flatMap((iid) => (typeof iid === 'number' ? [`${at}!${iid}`] : [])),
      ...(kind === 'pipeline' && typeof attributes?.sha === 'string' ? [`${at}@${attributes.sha}`] : []),
      // A push may be the one that takes a merge back.
      ...(after ? [`${at}@`] : []),
    ]),
  ]
}
