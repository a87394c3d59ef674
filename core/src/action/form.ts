/**
 * What can a workflow do outside, action by action?
 * The shape of an action: parameters with defaults, what it needs, what it brings. The tables of all tools live in `actions.ts`, connected or not.
 */

/** `template`: text with `{{ path }}` places. `text`: text as it stands. `words`: one of a few. `list`: texts. `json`: any JSON value, texts in it are templates. */
export type ParamKind = 'template' | 'text' | 'flag' | 'number' | 'words' | 'list' | 'json'

export type ParamForm = {
  kind: ParamKind
  says: string
  required: boolean
  /** Written out when nothing is said; null: nothing is written. */
  default: string | number | boolean | readonly string[] | null
  words?: readonly string[]
  /** Names a repository that the workflow must use: `write`, or just `any`. */
  repo?: 'write' | 'any'
  /** For templates: how values from outside are quoted. */
  quote?: 'line' | 'markdown' | 'slack'
}

export type ActionForm = {
  tool: string
  /** What it does, as a verb with its object: "Open a pull request". */
  says: string
  /** What it did, as a verb before where it did that: "commented on", and then the issue. */
  did: string
  /** Does it carry a step's change (and so needs `of`)? */
  change: boolean
  /** Does it put code where others see it? Then a gate on the change must come before it. */
  publishes: boolean
  /** Where it is done: the runner holds the push credential, the server the provider's. */
  at: 'runner' | 'server'
  params: Readonly<Record<string, ParamForm>>
  /** What later steps may read: {{ actions.github.open_pr.url }}. */
  results: readonly string[]
  /** Target when none is written. `source`: what the event was about when it came from this tool, else what this run opened with it. `source_or_team`: the thread the event came from, else the channel of the team. null: none is needed. */
  target: 'source' | 'source_or_team' | null
  /** The parameter that names the target instead. */
  targetParam: string | null
  /** One of these actions must come before it in the same workflow. */
  after: readonly string[]
  /** At most so many in one run, unless the workflow writes another number (`caps`). */
  perRun: number
  /** At most so many in any hour in the whole workspace, unless it chose another number. */
  perHour: number
}

const base = {
  change: false,
  publishes: false,
  at: 'server',
  results: [],
  target: null,
  targetParam: null,
  after: [],
  perRun: 10,
  perHour: 60,
} as const

/** An action from what is particular to it. */
export const action = (
  particular: Pick<ActionForm, 'tool' | 'says' | 'did' | 'params'> & Partial<ActionForm>,
): ActionForm => ({
  ...base,
  ...particular,
})

const param = (kind: ParamKind, says: string, more: Partial<ParamForm>): ParamForm => ({
  kind,
  says,
  required: false,
  default: null,
  ...more,
})

export const template = (says: string, more: Partial<ParamForm> = {}): ParamForm =>
  param('template', says, { quote: 'markdown', ...more })
export const text = (says: string, more: Partial<ParamForm> = {}): ParamForm => param('text', says, more)
export const flag = (says: string, fallback = false): ParamForm => param('flag', says, { default: fallback })
export const number = (says: string, more: Partial<ParamForm> = {}): ParamForm => param('number', says, more)
export const list = (says: string, more: Partial<ParamForm> = {}): ParamForm =>
  param('list', says, { default: [], ...more })
export const words = (says: string, of: readonly string[], fallback: string): ParamForm =>
  param('words', says, { words: of, default: fallback })
export const json = (says: string, more: Partial<ParamForm> = {}): ParamForm => param('json', says, more)
