/** Where is a text that may not leave its runner, and how does one read it? */
import { keptText } from '@viewportai/core/wire/level'

/** Was one of these texts kept? */
export const isKept = (...texts: readonly (string | null | undefined)[]): boolean =>
  texts.some((text) => text?.includes(keptText))

/** Says it in place of the text. */
export const Kept = ({ run, runner }: { run: string; runner?: string | undefined }) => (
  <>
    Kept on {runner ?? 'the runner'}. There, <code>vpd egress {run} --kept</code> shows it.
  </>
)
