/** What does a service start, as whom and with which settings? */

export type WorkerLine = {
  /** Node and the program, both as absolute paths. */
  readonly program: readonly [node: string, vpd: string]
  /** The runner's home. */
  readonly home: string
  readonly server: string
  readonly slots: number
  readonly transport: 'polling' | 'relay'
  /** A separate relay. */
  readonly relay?: string | undefined
  /** PATH of whoever installed it: agents and tools are found there. */
  readonly path: string
  /** The user that a service of the whole system runs as; null: a service of this user. */
  readonly user: string | null
}

/** Without a shell: every word is one argument. */
export const workerWords = ({ program, home, server, slots, transport, relay }: WorkerLine): string[] => [
  ...program,
  'worker',
  'start',
  '--mode',
  'persistent',
  '--home',
  home,
  '--server',
  server,
  '--slots',
  String(slots),
  '--transport',
  transport,
  ...(relay === undefined ? [] : ['--relay', relay]),
]
export const drainWords = ({ program, home, server }: WorkerLine): string[] => [
  ...program,
  'drain',
  '--wait',
  '--home',
  home,
  '--server',
  server,
]

/** The first line of every file we write: what has another is not ours to replace or remove. */
export const writtenBy = 'Written by `vpd service install`; `vpd service uninstall` removes it.'

/** A text that can stand in such a file. Throws what a person can mend. */
export const oneLine = (text: string): string => {
  if (/[\0-\x1f\x7f]/.test(text))
    throw new Error(`${JSON.stringify(text)} holds a control character; a service cannot be made of it.`)
  return text
}
