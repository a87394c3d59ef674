/**
 * Which digest did this person see?
 * Puts the digest computed from the shown bytes into the subject and hashes it. It refuses when anything shown is not what the gate names.
 */
import { bodyIn, changeIn, subjectDigest, type Change, type Subject } from '@viewportai/core/gate/subject'
import type { Patch } from '../diff/patch.ts'
import { patchOf } from '../diff/patch-of.ts'

/** The bytes on the screen: their own digest, and their text. Null where a gate has no body. */
export type Shown = { digest: string; bytes: Uint8Array } | null
export type Seen = { ok: true; digest: string } | { ok: false; why: string }

const withBody = (subject: Subject, digest: string): Subject => {
  switch (subject.kind) {
    case 'plan':
    case 'question':
      return { ...subject, body: digest }
    case 'change':
      return { ...subject, change: { ...subject.change, patch: digest } }
    case 'command':
      return {
        ...subject,
        push: subject.push && { ...subject.push, change: { ...subject.push.change, patch: digest } },
      }
    case 'action':
      return subject.change ? { ...subject, change: { ...subject.change, patch: digest } } : subject
  }
}

/** The digest to send with a decision, or why nothing may be decided. `gate` is the digest the server says the gate has. */
export const seenDigest = (subject: Subject, gate: string, shown: Shown): Seen => {
  const named = bodyIn(subject)
  if (named !== null && shown === null) return { ok: false, why: 'the bytes are not here yet' }
  const change = changeIn(subject)
  if (change && shown) {
    const why = disagreement(change, patchOf(shown.bytes))
    if (why) return { ok: false, why }
  }
  const digest = subjectDigest(named !== null && shown ? withBody(subject, shown.digest) : subject)
  return digest === gate
    ? { ok: true, digest }
    : { ok: false, why: 'what is shown here does not have the digest that the gate names' }
}

/** The list of files a gate names must be the files of the patch, and every line of the patch must be understood. */
export const disagreement = (change: Pick<Change, 'files'>, patch: Patch): string | null => {
  if (patch.unread.length > 0) return `line ${patch.unread[0]!.line} of the patch belongs to no file`
  const listed = new Map(change.files.map((file) => [file.path, file]))
  for (const file of patch.files) {
    const entry = listed.get(file.path)
    if (!entry) return `the patch changes ${file.path}, which the list of files does not name`
    if (!file.binary && !entry.binary && (entry.added !== file.added || entry.removed !== file.removed))
      return `${file.path} has +${file.added} −${file.removed} in the patch and +${entry.added} −${entry.removed} in the list`
    listed.delete(file.path)
  }
  const [left] = listed.keys()
  return left === undefined ? null : `the list of files names ${left}, which the patch does not change`
}
