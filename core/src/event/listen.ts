/**
 * What can a workflow listen to, tool by tool?
 * The shape of a tool's events: fields to match on and how they are said. The tables of all tools live in `tools.ts`, connected or not.
 */

/** `text`: one text. `list`: any number of texts (labels). `number`, `flag`: as named. */
export type FieldKind = 'text' | 'number' | 'flag' | 'list'

export type EventForm = {
  /** What the tool does, after its name: "assigns an issue". */
  says: string
  /** What of it a connection that is only asked does not hear, after "asking": a sentence's end. Left out: it hears all of it. */
  unasked?: string
  fields: Readonly<Record<string, FieldKind>>
}

export type ToolForm = {
  /** The tool's name as people write it. */
  title: string
  /** Part of Viewport itself: no connection is needed. */
  builtIn: boolean
  events: Readonly<Record<string, EventForm>>
  /** The event that is meant when none is named. */
  event: string | null
  /** Who may start when the workflow does not say: `members`, or `source` for what an admin set up (a schedule, a signed webhook). */
  startedBy: readonly string[]
  /** Fields below this prefix are the sender's own: any name is taken, texts only compared. */
  open: string | null
  /** Fields that are settings and not conditions: a plain text each. `required` ones have no default. */
  settings: Readonly<
    Record<string, { required: boolean; default: string | null; form: 'cron' | 'timezone' | 'missed' }>
  >
  /** How the tool itself writes a value of a field that people may write in another way as well (`support`, `#support`). */
  spelled?: Readonly<Record<string, (value: string) => string>>
  /** May the trigger declare inputs that a person or a program fills in? */
  inputs: boolean
}

const base = { builtIn: false, event: null, startedBy: ['members'], open: null, settings: {}, inputs: false } as const

/** A tool from what is particular to it. */
export const tool = (particular: Pick<ToolForm, 'title' | 'events'> & Partial<ToolForm>): ToolForm => ({
  ...base,
  ...particular,
})
