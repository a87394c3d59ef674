/**
 * What was found when the object of a delivery was fetched again?
 * It is newer than the delivery, so it counts; who changed a text meanwhile is not told, so that text is nobody's we know.
 */
import { z } from 'zod'
import type { Reading, Somebody } from '../port.ts'
import { Comment, Issue, Pull, User } from '@viewportai/core/tools/github/payload'
import { Rights } from './rights.ts'
import { somebody } from './said.ts'
import { HeadOf } from './whose-code.ts'

const Again = z.object({
  issue: Issue.optional(),
  pull: Pull.optional(),
  comment: Comment.optional(),
  /** Files of the pull request. */
  paths: z.array(z.string()).optional(),
  /** Who edited its texts before; null: nobody we know. */
  editors: z.array(User.nullable()).optional(),
  /** What whoever did it may do in the repository. */
  rights: Rights.optional(),
  /** Whose code a failed job built. */
  head: HeadOf.optional(),
  /** The id that GitHub's list of events has for what the delivery tells. */
  event: z.string().max(60).optional(),
})
export type Again = z.infer<typeof Again>

/** Reads one noun's events. `settings`: of the connection. Throws ZodError when the payload is not what its event has. */
export type Reader = (
  payload: Readonly<Record<string, unknown>>,
  event: string,
  again: Again,
  settings: Readonly<Record<string, string>>,
) => Reading

/** Nothing when nothing was fetched. */
export const readAgain = (again: unknown): Again => (again === undefined ? {} : Again.parse(again))

/** Somebody who changed the text, and of whom no more is told. */
const editor: Somebody = { id: 'editor', name: 'somebody who edited it', standing: 'unknown' }

/** Who edited the texts before they were told: anybody, when GitHub was not asked. */
export const earlierEditors = ({ editors = [null] }: Again): Somebody[] =>
  editors.map((user) => (user === null ? editor : somebody(user, null)))

type Text = { readonly title?: string | undefined; readonly body: string | null }
/** The newer of two, and who must be counted among its authors. */
export const newer = <T extends Text>(told: T, fetched: T | undefined): { one: T; editors: Somebody[] } =>
  fetched === undefined
    ? { one: told, editors: [] }
    : {
        one: fetched,
        editors:
          (told.title ?? '') === (fetched.title ?? '') && (told.body ?? '') === (fetched.body ?? '') ? [] : [editor],
      }
