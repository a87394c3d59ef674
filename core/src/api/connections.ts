/** Which routes are about connections to outside tools? */
import { z } from 'zod'
import { Millis } from '../ids.ts'
import { OldHours, oldHoursUsually, OldSecrets } from './old-secrets.ts'
import { routeTable } from './route.ts'

/** What a person fills in to connect a tool. `made`: made for them when they leave it out. */
const Field = z.strictObject({
  name: z.string(),
  title: z.string(),
  says: z.string(),
  secret: z.boolean(),
  required: z.boolean(),
  otherwise: z.string().nullable(),
  /** True: when it is changed, no secret is kept, and each is given again. */
  host: z.boolean(),
  /** It holds several lines, such as a key in a file: a field of one line would join them. */
  lines: z.boolean(),
  /** What comes in is signed with it. When it is changed, the one before is taken for a while. */
  signs: z.boolean(),
  /** What goes out is signed with it; changed, the one before signs as well for a while. */
  sends: z.boolean(),
})
export const ToolView = z.strictObject({
  tool: z.string(),
  title: z.string(),
  fields: z.array(Field),
  /** How its webhook is set up there, with `{url}` for the address; null: it has none. */
  hook: z.string().nullable(),
  /** What is made at the tool before it can be connected: how, where, and what is pasted there; null: nothing. */
  make: z.strictObject({ words: z.string(), link: z.string(), text: z.string() }).nullable(),
  /** Can it be asked regularly instead, where nobody outside reaches this Viewport? */
  polled: z.boolean(),
  /** Can it tell over a connection that this Viewport opens? Then nobody outside must reach it either. */
  line: z.boolean(),
  /** Actions that this version carries out. */
  actions: z.array(z.string()),
  /** Names of the fields that are left out where a runner holds the credential; null: no runner can. */
  held: z.array(z.string()).nullable(),
})
export const ConnectionView = z.strictObject({
  id: z.string(),
  tool: z.string(),
  name: z.string(),
  settings: z.record(z.string(), z.string()),
  /** Who the tool says we are there. */
  account: z.string().nullable(),
  /** Its webhook address; null: the tool has none. */
  url: z.string().nullable(),
  /** Why it does not work now, by the last check; null: it did. */
  problem: z.string().nullable(),
  checkedAt: Millis.nullable(),
  createdAt: Millis,
  /** How many repositories it knows by their numbers. */
  knows: z.int().nonnegative(),
  /** When what came last came, by each way: its webhook, found by asking, over a line that we opened; and when something was refused at its address. null: never. */
  heard: z.strictObject({
    webhook: Millis.nullable(),
    asked: Millis.nullable(),
    line: Millis.nullable(),
    refused: Millis.nullable(),
  }),
  /** Secrets of before that its webhook still takes; of a webhook target: that still sign what goes out. */
  oldSecrets: OldSecrets,
  /** When a line to it stood last; null: it has none, or none stood yet. */
  lineAt: Millis.nullable(),
  /** What is asked about regularly, when next, and when that went well last. `lost`: what was last there and not looked at, for seven days. */
  polls: z.array(
    z.strictObject({
      stream: z.string(),
      nextAt: Millis,
      askedAt: Millis.nullable(),
      problem: z.string().nullable(),
      lost: z.strictObject({ at: Millis, what: z.string() }).nullable(),
    }),
  ),
  /** Which runners hold its credential, and for which actions; null: this Viewport does. */
  held: z
    .strictObject({
      /** What keeps the credential on a runner, to be typed there. */
      command: z.string(),
      runners: z.array(
        z.strictObject({
          id: z.string(),
          name: z.string(),
          online: z.boolean(),
          account: z.string().nullable(),
          /** What it may do there, errands by their names as well (`github.watch`). */
          actions: z.array(z.string()),
        }),
      ),
      /** What is not done there while a runner holds it, and what to do, a sentence or two; null: nothing is left out. */
      without: z.string().nullable(),
    })
    .nullable(),
})

const params = z.strictObject({ connection: z.string() })
const Values = z.record(z.string().regex(/^[a-z][a-zA-Z0-9_.-]{0,59}$/), z.string().max(20_000))
export const connectionName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9 ._-]{0,39}$/, 'letters, digits, blank, . _ and -, at most 40')

/** What connecting brought. `made`: secrets that were made, shown this once; `notes`: what the check wants a person to know. */
export const Connected = z.strictObject({
  connection: ConnectionView,
  made: z.record(z.string(), z.string()),
  notes: z.array(z.string()),
})

export const connectionRoutes = routeTable({
  tools: {
    method: 'GET',
    path: '/api/tools',
    access: 'signed-in',
    summary: 'Outside tools that can be connected, and what each needs',
    answer: z.strictObject({ tools: z.array(ToolView) }),
  },
  connections: {
    method: 'GET',
    path: '/api/connections',
    access: 'signed-in',
    summary: 'Connections to outside tools; never a secret',
    answer: z.strictObject({ connections: z.array(ConnectionView) }),
  },
  addConnection: {
    method: 'POST',
    path: '/api/connections',
    access: 'admin',
    summary: 'Connect a tool. It is asked who we are first; nothing is kept when it says no',
    body: z.strictObject({
      tool: z.string(),
      name: connectionName,
      values: Values,
      /** A runner holds the credential: nothing that acts is given here, and the tool is not asked. */
      held: z.boolean().optional(),
    }),
    answer: Connected,
    status: 201,
  },
  changeConnection: {
    method: 'PUT',
    path: '/api/connections/:connection',
    access: 'admin',
    summary: 'Change settings or secrets of a connection; what is left out stays',
    params,
    body: z.strictObject({
      values: Values,
      /** A runner holds the credential from now on (what acted is erased here), or does not any more. */
      held: z.boolean().optional(),
      /** Repositories (`owner/name`) whose number is forgotten: another one that has the name since is meant. */
      forget: z.array(z.string().min(1).max(300)).max(100).optional(),
      /** Where the secret that signs is changed: for how long the one before is taken. */
      oldHours: OldHours.default(oldHoursUsually),
    }),
    answer: Connected,
  },
  rotateConnection: {
    method: 'POST',
    path: '/api/connections/:connection/secrets',
    access: 'admin',
    summary:
      'Make a new webhook secret for a connection whose secret Viewport makes, shown once; the one before is taken for a while, or signs as well where messages go out',
    params,
    body: z.strictObject({ oldHours: OldHours.default(oldHoursUsually) }),
    answer: Connected,
    status: 201,
  },
  endOldConnectionSecrets: {
    method: 'DELETE',
    path: '/api/connections/:connection/old-secrets',
    access: 'admin',
    summary: 'End the webhook secrets of before now: only the newest is taken, or signs',
    params,
    answer: 'none',
  },
  checkConnection: {
    method: 'POST',
    path: '/api/connections/:connection/checks',
    access: 'admin',
    summary: 'Ask the tool whether the connection works',
    params,
    answer: ConnectionView,
  },
  removeConnection: {
    method: 'DELETE',
    path: '/api/connections/:connection',
    access: 'admin',
    summary:
      'Remove a connection: its secrets are erased, its webhook address takes nothing any more. While runs use it: only with confirmed=true',
    params,
    query: z.strictObject({ confirmed: z.enum(['true']).optional() }),
    answer: 'none',
  },
})
