/** Where does a patch go, whole? Into the evidence, byte for byte: a patch that redaction would change cannot be decided on. */
import type { BodyRef } from '@viewportai/core/digest/body'
import { isRefusal } from '@viewportai/core/refusal'
import type { MadeChange } from '../git/make-change.ts'
import { readBlobs } from '../git/tree-listing.ts'
import { failed } from './failure.ts'
import type { Port } from './port.ts'

/** Keeps the patch; its reference has the digest that the change names. `gitDir`: where the tree is. Throws WorkFailed `secret_in_change`. */
export const keepPatch = async (port: Port, gitDir: string, made: MadeChange): Promise<BodyRef> => {
  // In a patch the content of a binary file is packed: what is in it shows in the file alone.
  const binaries = made.change.files.filter(({ binary, status }) => binary && status !== 'deleted')
  const blobs = await readBlobs(
    gitDir,
    binaries.map((file) => `${made.change.tree}:${file.path}`),
  )
  if (blobs.some((content) => content && port.evidence.secretsIn(content).length > 0)) throw withSecret(null)
  const ref = await port.evidence.put(port.lease.run, 'patch', 'text/x-patch', made.patch).catch((error: unknown) => {
    throw isRefusal(error) ? withSecret(error) : error
  })
  if (ref.digest !== made.change.patch) throw withSecret(null)
  return ref
}

const withSecret = (cause: unknown) =>
  failed(
    'policy',
    'secret_in_change',
    'The change holds the value of a secret that this runner knows, so it can be neither shown nor published.',
    'Find out how it got there, replace that secret, and send the step back.',
    { started: true, retrySafe: false, cause },
  )
