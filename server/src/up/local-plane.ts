/**
 * How does a control plane come up on this machine, with a person who may use it from the command line?
 * Data folder, database, control plane, workspace, a token for this machine's commands. Every part is handed over as soon as it is there, so that
 * it is ended in order whatever follows.
 */
import path from 'node:path'
import type { Terminal } from '../cli/terminal.ts'
import type { Part } from '../ending.ts'
import type { ControlPlane } from '../program.ts'
import { version } from '../version.ts'
import { ensurePrivateFolder } from './data-folder.ts'
import { movedWords, portOfLastTime, rememberPort } from './last-port.ts'
import { makeLocalToken, openWorkspace, revokeLocalToken, type LocalWorkspace } from './local-workspace.ts'
import { openLog } from './log-file.ts'
import { removeLogin, writeLogin } from './login-file.ts'
import { writeRunning } from './running-file.ts'
import type { UpOptions } from './started.ts'
import { startPlane } from './start-plane.ts'
import { settingsFor, warningsFor } from './up-settings.ts'

type LocalPlane = { readonly plane: ControlPlane; readonly place: LocalWorkspace; readonly token: string }

type Start = {
  readonly options: Pick<UpOptions, 'port' | 'host' | 'log' | 'sample'>
  readonly dataFolder: string
  readonly terminal: Terminal
  readonly env: NodeJS.ProcessEnv
  readonly tell: (words: string) => void
  /** Called when the control plane can no longer go on. */
  readonly lost: (words: string) => void
}

/** Starts it. `parts`: takes what must be ended, the latest last. Throws with words when it cannot start. */
export const startLocalPlane = async (
  { options, dataFolder, terminal, env, tell, lost }: Start,
  parts: Part[],
): Promise<LocalPlane> => {
  ensurePrivateFolder(dataFolder)
  const plane = await startPlane(
    () => settingsFor(options, dataFolder, env),
    (settings) => {
      for (const warning of warningsFor(settings)) terminal.note(terminal.paint('wait', `  Warning: ${warning}`))
      return {
        log: openLog(options.log ?? path.join(dataFolder, 'viewport.log'), settings.logLevel),
        tell,
        lost,
      }
    },
  )
  parts.push(...plane.parts)
  const address = new URL(plane.url)
  const lastTime = portOfLastTime(dataFolder)
  rememberPort(dataFolder, plane.port)
  tell(`control plane answers on ${address.host}`)
  const moved = movedWords(lastTime, plane.port)
  if (moved !== null) terminal.note(terminal.paint('wait', `  Warning: ${moved}`))
  const place = await openWorkspace(plane.context.db, options.sample)
  const token = await makeLocalToken(plane.context.db, place, dataFolder)
  parts.push({ name: 'the token of the login', end: () => revokeLocalToken(plane.context.db, place, dataFolder) })
  writeLogin(dataFolder, { url: plane.url, token, handle: place.admin.handle, workspace: place.workspace })
  parts.push({ name: 'the file of the login', end: () => removeLogin(dataFolder) })
  const removeRunning = writeRunning({ url: plane.url, dataFolder, startedAt: Date.now(), version })
  parts.push({ name: 'the file that says where it runs', end: removeRunning })
  return { plane, place, token }
}
