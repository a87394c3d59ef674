/** How is it said that a wall could not be built? Nothing of the step ran. */
import { failed } from '../work/failure.ts'

/** The failure of a wall that does not stand. */
export const wallFailed = (why: string, cause?: unknown) =>
  failed(
    'runner',
    'wall_failed',
    `The sandbox of the step could not be built: ${why}`,
    'Look at `vpd doctor` on the runner; nothing of the step ran.',
    { cause },
  )
