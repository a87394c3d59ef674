/**
 * Which environment does a program of a step see?
 * A fixed allow-list taken from vpd's own environment, plus names the runner's owner passes on. Nothing a server, repository or prompt
 * says gets in, and nothing that makes a program load other code (LD_*, NODE_OPTIONS, GIT_* …) is ever passed on.
 */
import { mayPass } from '../policy/environment.ts'

/** Names taken over as they are. */
const passed = ['PATH', 'LANG', 'LC_ALL', 'LC_CTYPE', 'TZ', 'SHELL', 'USER', 'LOGNAME'] as const

/** The environment variable every process of a step carries, so that none can be overlooked. */
export const stepMarker = 'VPD_STEP'

/** What a step's programs are told about where they are. */
export type Place = { readonly home: string; readonly tmp: string; readonly marker: string }

/**
 * The whole environment of a program of a step.
 * `pass`: further names from vpd's environment; names on the never-list are dropped. `extra`: set by vpd itself, last.
 */
export const stepEnvironment = (
  place: Place,
  pass: readonly string[] = [],
  extra: Readonly<Record<string, string>> = {},
): Record<string, string> => {
  const env: Record<string, string> = {}
  for (const name of [...passed, ...pass.filter(mayPass)]) {
    const value = process.env[name]
    if (value !== undefined) env[name] = value
  }
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...env,
    HOME: place.home,
    TMPDIR: place.tmp,
    TERM: 'dumb',
    CI: 'true',
    NO_COLOR: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_CONFIG_NOSYSTEM: '1',
    [stepMarker]: place.marker,
    ...extra,
  }
}

/** The environment of a short program of vpd's own (git, a version question): no HOME, no marker, nothing to inherit. */
export const bareEnvironment = (extra: Readonly<Record<string, string>> = {}): Record<string, string> => ({
  PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin',
  LC_ALL: 'C',
  ...extra,
})
