/** With which settings does this start run? What was said on the command line wins over the environment. */
import { readSettings, type Settings } from '../settings.ts'
import { portOfLastTime } from './last-port.ts'
import { choosePort } from './ports.ts'

export type Asked = { readonly port?: number | undefined; readonly host?: string | undefined }

/** Throws with words when a setting is wrong or no port is free. */
export const settingsFor = async (
  { port, host }: Asked,
  dataFolder: string,
  env: NodeJS.ProcessEnv,
): Promise<Settings> => {
  const settings = readSettings({
    ...env,
    VIEWPORT_DATA_DIR: dataFolder,
    ...(host === undefined ? {} : { VIEWPORT_HOST: host }),
  })
  const named = port ?? (env.VIEWPORT_PORT ? settings.port : null)
  return { ...settings, port: await choosePort(settings.host, named, portOfLastTime(dataFolder)) }
}

/** What a person should know about these settings before others find out. */
export const warningsFor = (settings: Settings): string[] => {
  const wide = !['127.0.0.1', '::1', 'localhost'].includes(settings.host)
  const secure = settings.publicUrl?.startsWith('https:') ?? false
  if (!wide)
    return settings.publicUrl?.startsWith('http:')
      ? ['VIEWPORT_PUBLIC_URL is plain HTTP: whoever is on the way can read and change what passes. Put TLS in front.']
      : []
  return [
    `It listens on ${settings.host}: everybody who reaches this machine reaches it.`,
    ...(secure
      ? []
      : [
          'There is no TLS: sign-in links, sessions and decisions travel in clear. Put a reverse proxy with TLS in front and name it in VIEWPORT_PUBLIC_URL.',
        ]),
  ]
}
