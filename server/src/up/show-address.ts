/** What is shown when everything is up: one address that signs in, once. */
import { commandName } from './data-folder.ts'
import { openBrowser } from './open-browser.ts'
import { signInAddress } from './local-workspace.ts'
import type { Started } from './started.ts'

/** Prints it, opens it where that was asked for. `landsOn`: the place of the app it opens on. */
export const showAddress = async ({ plane, place, terminal, options }: Started, landsOn: string): Promise<void> => {
  const url = await signInAddress(plane.context, place, landsOn)
  terminal.give(
    { url: plane.url, signIn: url, pid: process.pid, workspace: place.name, person: place.admin.handle },
    () => {
      terminal.line()
      terminal.line(`  Open ${terminal.paint('bold', url)}`)
      terminal.line(
        `  It signs in @${place.admin.handle} of ${place.name}, once, within 15 minutes. Another one: ${commandName()} sign-in-link @${place.admin.handle}`,
      )
      terminal.line('  Ctrl-C stops everything.')
    },
  )
  if (options.open) openBrowser(url)
}
