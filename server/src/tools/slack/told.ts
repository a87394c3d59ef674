/**
 * What does a delivery of Slack tell of, whichever way it came?
 * Events, commands and shortcuts in one form: a JSON object whose `type` says which. Only the fields that are used are required.
 * https://docs.slack.dev/apis/events-api https://docs.slack.dev/interactivity
 */
import { z } from 'zod'
import { readStrictJson } from '../../http/strict-json.ts'

const maybe = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? null)
/** What of an event is of another kind than it is known to be is not told: other events have other things under the same names. */
const odd = <T extends z.ZodType>(type: T) => maybe(type).catch(null as never)
const id = z.string().regex(/^[A-Z][A-Z0-9]{1,30}$/)
const some = z.record(z.string(), z.unknown())
const text = z.string().max(60_000)

/** One member of the workspace, or of another one that shares a channel with it. */
export const Event = z.looseObject({
  type: z.string().max(80),
  subtype: odd(z.string().max(80)),
  user: odd(id),
  bot_id: odd(id),
  app_id: odd(id),
  username: odd(z.string()),
  team: odd(id),
  user_team: odd(id),
  source_team: odd(id),
  text: odd(text),
  ts: odd(z.string().max(30)),
  event_ts: odd(z.string().max(30)),
  thread_ts: odd(z.string().max(30)),
  channel: odd(id),
  channel_type: odd(z.string().max(20)),
  reaction: odd(z.string().max(100)),
  item: odd(z.looseObject({ type: odd(z.string()), channel: odd(id), ts: odd(z.string().max(30)) })),
  item_user: odd(id),
})
export type Event = z.infer<typeof Event>

/** A delivery of the Events API. `authorizations`: for which workspaces the app was told of it. */
const Told = z.object({
  type: z.literal('event_callback'),
  team_id: maybe(id),
  context_team_id: maybe(id),
  api_app_id: maybe(id),
  event_id: z.string().regex(/^[\x21-\x7e]{1,100}$/),
  event_time: maybe(z.number()),
  is_ext_shared_channel: odd(z.boolean()),
  authorizations: maybe(z.array(z.object({ team_id: maybe(id) })).max(50)),
  event: Event,
})
/** `/viewport fix it`. */
const Command = z.object({
  type: z.literal('slash_commands'),
  team_id: id,
  api_app_id: maybe(id),
  command: z.string().max(100),
  text: maybe(text),
  user_id: id,
  user_name: maybe(z.string().max(200)),
  channel_id: id,
  channel_name: maybe(z.string().max(200)),
  trigger_id: z.string().max(120),
})
const Person = z.looseObject({ id, team_id: maybe(id), name: maybe(z.string()), username: maybe(z.string()) })
/** A shortcut: anywhere (`shortcut`), or on a message (`message_action`). */
const Shortcut = z.object({
  type: z.enum(['shortcut', 'message_action']),
  team: maybe(z.looseObject({ id })),
  api_app_id: maybe(id),
  callback_id: z.string().max(255),
  trigger_id: z.string().max(120),
  user: Person,
  channel: maybe(z.looseObject({ id, name: maybe(z.string()) })),
  message: maybe(Event.extend({ type: maybe(z.string()) })),
})
/** A button. */
const Click = z.object({
  type: z.literal('block_actions'),
  team: maybe(z.looseObject({ id })),
  api_app_id: maybe(id),
  trigger_id: maybe(z.string().max(120)),
  user: Person,
  channel: maybe(z.looseObject({ id })),
  message: maybe(z.looseObject({ ts: maybe(z.string().max(30)), thread_ts: maybe(z.string().max(30)) })),
  actions: z
    .array(
      z.looseObject({
        action_id: z.string().max(255),
        block_id: maybe(z.string().max(255)),
        value: maybe(z.string().max(2_000)),
        action_ts: maybe(z.string().max(30)),
      }),
    )
    .min(1)
    .max(10),
})
/** Somebody sent a dialog off. https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
const Sent = z.object({
  type: z.literal('view_submission'),
  team: maybe(z.looseObject({ id })),
  api_app_id: maybe(id),
  user: Person,
  view: z.looseObject({
    callback_id: maybe(z.string().max(255)),
    private_metadata: maybe(z.string().max(3_000)),
    state: maybe(
      z.looseObject({
        values: z.record(
          z.string().max(255),
          z.record(
            z.string().max(255),
            z.looseObject({
              value: maybe(z.string().max(3_000)),
              selected_option: maybe(z.looseObject({ value: z.string().max(150) })),
            }),
          ),
        ),
      }),
    ),
  }),
})
/** What tells of nothing that a workflow could listen to. */
const Other = z.object({
  type: z.string().max(80),
  challenge: maybe(z.string().max(1_000)),
  team_id: maybe(id),
  team: maybe(z.looseObject({ id: maybe(id) })),
  api_app_id: maybe(id),
})

export type Payload =
  | z.infer<typeof Told>
  | z.infer<typeof Command>
  | z.infer<typeof Shortcut>
  | z.infer<typeof Click>
  | z.infer<typeof Sent>
  | (z.infer<typeof Other> & { type: 'other'; was: string })

const forms = {
  event_callback: Told,
  slash_commands: Command,
  shortcut: Shortcut,
  message_action: Shortcut,
  block_actions: Click,
  view_submission: Sent,
} as const

/** The payload, or why it cannot be read (a sentence). */
export const payloadOf = (body: Buffer): Payload | string => {
  const strict = readStrictJson(body.toString('utf8'))
  return strict.ok ? payloadIn(strict.value) : `It cannot be read: ${strict.why}.`
}

export const payloadIn = (value: unknown): Payload | string => {
  const type = some.safeParse(value).data?.['type']
  const known = typeof type === 'string' && Object.hasOwn(forms, type) ? forms[type as keyof typeof forms] : null
  if (known === null) {
    const other = Other.safeParse(value)
    return other.success ? { ...other.data, type: 'other', was: other.data.type } : lacks(other.error)
  }
  const read = known.safeParse(value)
  return read.success ? (read.data as Payload) : lacks(read.error)
}

const lacks = ({ issues }: z.ZodError): string =>
  `It lacks what every delivery of Slack has: ${issues[0]!.path.map(String).join('.') || 'the whole'} (${issues[0]!.message}).`

/** Of which workspaces it tells; empty: it does not say. */
export const teamsIn = (payload: Payload): string[] => {
  const teams =
    payload.type === 'event_callback'
      ? payload.authorizations && payload.authorizations.length > 0
        ? payload.authorizations.map((one) => one.team_id)
        : [payload.context_team_id ?? payload.team_id]
      : payload.type === 'slash_commands'
        ? [payload.team_id]
        : payload.type === 'other'
          ? [payload.team_id ?? payload.team?.id ?? null]
          : [payload.team?.id ?? payload.user.team_id]
  return teams.filter((team): team is string => team !== null)
}
