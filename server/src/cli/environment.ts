/**
 * What does the command line read from its environment? This table, and nothing else.
 * The control plane's own settings are in settings.ts.
 */
export type CliEnvironment = {
  readonly url: string | null
  readonly token: string | null
  readonly oldKey: string | null
}

/** Names and meanings, for `viewport settings`. */
export const cliSettings = [
  ['VIEWPORT_URL', 'The control plane the commands talk to.', 'the one that runs on this machine'],
  ['VIEWPORT_TOKEN', 'The API token the commands use.', 'the login saved by the Viewport that runs on this machine'],
  [
    'VIEWPORT_OLD_KEY',
    'For `viewport restore`: the key with which the backup was sealed, when it is another one than this installation has.',
    'none',
  ],
] as const

export const readCliEnvironment = (env: NodeJS.ProcessEnv = process.env): CliEnvironment => ({
  url: env['VIEWPORT_URL'] || null,
  token: env['VIEWPORT_TOKEN'] || null,
  oldKey: env['VIEWPORT_OLD_KEY'] || null,
})
