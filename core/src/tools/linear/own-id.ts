/**
 * Under which id is something made in Linear, so that it is made once?
 * Linear takes the client's own UUID (version 4) for a comment and an issue, and refuses a second one with it ("conflict on insert of
 * Comment", INPUT_ERROR). What was sent long ago and is carried out late is refused there, whoever has looked meanwhile.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js'
import { Ended, failed } from '../ended.ts'
import type { Receipt } from '../port.ts'
import type { Ask } from './act.ts'
import type { Told } from './ask.ts'

/** The same for the same intent: a digest in the form of a random UUID. */
export const ownId = (intent: string): string => {
  const bytes = sha256(utf8ToBytes(intent)).slice(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytesToHex(bytes).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** What a question answers; null where Linear refuses it, as it does for an id that it does not know. Throws all else. */
export const orNull = async (question: () => Promise<Told | null>): Promise<Told | null> => {
  try {
    return await question()
  } catch (error) {
    if (error instanceof Ended && error.went.is === 'failed') return null
    throw error
  }
}

/** The receipt of what was made before. */
export const foundThere = (receipt: Receipt): Receipt => ({
  ...receipt,
  observed: { ...receipt.observed, reconciled: true },
})

/** Makes it; when Linear says no, `find` asks whether it is there under its id. Throws what `make` threw when it is not, and what `find` throws. */
export const madeOnce = async (
  make: () => Promise<Told>,
  find: () => Promise<Told | null>,
): Promise<{ readonly made: Told; readonly wasThere: boolean }> => {
  try {
    return { made: await make(), wasThere: false }
  } catch (error) {
    if (!(error instanceof Ended) || error.went.is !== 'failed') throw error
    const there = await find()
    if (there === null) throw error
    return { made: there, wasThere: true }
  }
}

/** Makes one by a mutation whose answer holds `success` and what was made under `name`. Throws Ended with `refused` when Linear made none and said nothing. */
export const created = async (
  write: Ask,
  { mutation, name, refused }: { readonly mutation: string; readonly name: string; readonly refused: string },
  input: object,
): Promise<Told> => {
  const [told] = Object.values(await write(mutation, { input })) as Told[]
  if (told?.['success'] !== true || !told[name]) throw failed('refused_there', refused, 'Try again.')
  return told[name] as Told
}
