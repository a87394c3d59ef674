/**
 * Which patch do these bytes hold?
 * Read once for everything that shows or checks it: what is compared, what is drawn and what a vote binds to is one and the same reading.
 */
import { textOf } from '../body/read.ts'
import { readPatch, type Patch } from './patch.ts'

const known = new WeakMap<Uint8Array, Patch>()

/** The patch in checked bytes, which nobody changes. */
export const patchOf = (bytes: Uint8Array): Patch => {
  const patch = known.get(bytes) ?? readPatch(textOf(bytes))
  known.set(bytes, patch)
  return patch
}
