/**
 * Which branch may a run write, and is this ref name safe?
 */
/** The full ref of a run's branch: refs/heads/vp/<slug of the title>-<6 hex>. `hex`: six random hex digits from the caller. */
export const branchFor = (_title: string, _hex: string): string => {
  throw new Error('branchFor is being written')
}
/** null: the ref may be written by a run. Else why not. */
export const refRefusal = (_ref: string): string | null => {
  throw new Error('refRefusal is being written')
}
