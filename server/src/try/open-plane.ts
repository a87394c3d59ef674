/**
 * Which control plane does a try use?
 * The one that runs on this data folder already, which goes on afterwards; else one of its own, ended with everything else.
 */
import { connect, type Api } from '../cli/connect.ts'
import { Stop } from '../cli/exit.ts'
import type { Terminal } from '../cli/terminal.ts'
import type { Part } from '../ending.ts'
import { commandName } from '../up/data-folder.ts'
import { startLocalPlane } from '../up/local-plane.ts'
import { signInAddress } from '../up/local-workspace.ts'
import { readLogin } from '../up/login-file.ts'
import { readRunning } from '../up/running-file.ts'

export type TryPlane = {
  readonly url: string
  readonly api: Api
  /** Where this place of the app is opened, and what is said about it. The first address of a plane that was just started signs in, once. */
  addressOf(place: string): Promise<{ readonly address: string; readonly about: string }>
}

/** The one that runs on this data folder, or null. Throws a `Stop` when it cannot be used: it shows the sample, or its login is not there. */
export const runningPlane = async (dataFolder: string): Promise<TryPlane | null> => {
  const running = readRunning()
  if (running?.dataFolder !== dataFolder) return null
  const words = `A Viewport runs on ${dataFolder} already (process ${running.pid})`
  const login = readLogin(dataFolder)
  if (!login || login.url !== running.url)
    throw new Stop(
      'refused',
      `${words}, and its login is not there.`,
      'Stop it first, or name another folder with --data.',
    )
  const api = connect({ server: login.url, token: login.token }, { url: null, token: null })
  const { workspace } = await api.me()
  if (workspace.sample)
    throw new Stop('refused', `${words} and shows the sample.`, 'Stop it first, or name another folder with --data.')
  return {
    url: login.url,
    api,
    addressOf: async (place) => ({
      address: `${login.url}${place}`,
      about: `  (not signed in? ${commandName()} sign-in-link @${login.handle})`,
    }),
  }
}

type Start = {
  readonly port: number | undefined
  readonly dataFolder: string
  readonly terminal: Terminal
  readonly env: NodeJS.ProcessEnv
  readonly tell: (words: string) => void
  readonly lost: (words: string) => void
}

/** Starts one. `parts`: takes what must be ended. */
export const ownPlane = async ({ port, ...start }: Start, parts: Part[]): Promise<TryPlane> => {
  const { plane, place, token } = await startLocalPlane(
    { ...start, options: { sample: false, ...(port !== undefined && { port }) } },
    parts,
  )
  let signedIn = false
  return {
    url: plane.url,
    api: connect({ server: plane.url, token }, { url: null, token: null }),
    async addressOf(where) {
      if (signedIn) return { address: `${plane.url}${where}`, about: '' }
      signedIn = true
      return {
        address: await signInAddress(plane.context, place, where),
        about: `  (signs in @${place.admin.handle}, once, within 15 minutes)`,
      }
    },
  }
}
