/** What does this machine find when it is asked to look at a repository? */
import { Found } from '@viewportai/core/try/looked'
import type { Capabilities } from '@viewportai/core/wire/messages'
import type { Policy } from '../policy/policy.ts'
import { failed } from '../work/failure.ts'
import type { Setup } from '../work/port.ts'
import { lookAtMachine } from './machine.ts'
import { lookAtRepository, type Place } from './repository.ts'

/** Looks at both. The seam between the loop that is asked and the code that knows agents and git. */
export type LookAt = (setup: Setup, place: Omit<Place, 'home'>) => Promise<Found>

/** Throws WorkFailed with what is in the way. `detect`: what the machine can do now. */
export const lookWith =
  (detect: () => Promise<Capabilities>, policy: Policy): LookAt =>
  async (setup, place) => {
    // The repository first: it is what goes wrong, and the machine is looked at in a moment.
    const { repository, checks } = await lookAtRepository({ ...place, home: setup.home })
    place.tell('looking for agents and their models')
    const found = { ...(await lookAtMachine(await detect(), setup, policy)), repository, checks }
    const fits = Found.safeParse(found)
    if (fits.success) return fits.data
    const [issue] = fits.error.issues
    throw failed(
      'runner',
      'found_too_much',
      `What was found does not fit into an answer: ${issue?.path.join('.')}: ${issue?.message}`,
      'Shorten the checks of the repository, or what policy.yaml of the runner names.',
      { retrySafe: false },
    )
  }
