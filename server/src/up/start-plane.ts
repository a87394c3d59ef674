/** How does the control plane get a port, even when another program takes it at the same moment? */
import { startControlPlane, type ControlPlane, type StartOptions } from '../program.ts'
import type { Settings } from '../settings.ts'

const tries = 5

/** Starts it with the settings that `settingsNow` gives; asks for others when their port was taken meanwhile. */
export const startPlane = async (
  settingsNow: () => Promise<Settings>,
  optionsFor: (settings: Settings) => StartOptions,
): Promise<ControlPlane> => {
  for (let n = 1; ; n++) {
    const settings = await settingsNow()
    try {
      return await startControlPlane(settings, optionsFor(settings))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE' || n === tries) throw error
    }
  }
}
