/** What Viewport itself tells: a person's click, a program's call, the clock, a signed webhook. */
import { tool } from '../listen.ts'

/** A person starts it, in the web app or with `viewport run`. */
export const manual = tool({
  title: 'A person',
  builtIn: true,
  event: 'requested',
  events: { requested: { says: 'starts it by hand', fields: {} } },
  inputs: true,
})

/** A program starts it through the API with a member's token. */
export const api = tool({
  title: 'The API',
  builtIn: true,
  event: 'requested',
  events: { requested: { says: 'is called', fields: {} } },
  inputs: true,
})

/**
 * The workspace's own clock. `cron` has five fields; `timezone` is an IANA name; `missed` says what happens after nobody looked after the
 * clock: `once`: one start for all that was missed; `skip`: none.
 */
export const schedule = tool({
  title: 'The schedule',
  builtIn: true,
  event: 'tick',
  events: { tick: { says: 'comes due', fields: { cron: 'text', timezone: 'text', missed: 'text' } } },
  startedBy: ['source'],
  settings: {
    cron: { required: true, default: null, form: 'cron' },
    timezone: { required: false, default: 'UTC', form: 'timezone' },
    missed: { required: false, default: 'once', form: 'missed' },
  },
})

/** A signed delivery (Standard Webhooks) of a source that an admin made. `type` is the delivery's own type; `data.x` the fields of its data. */
export const webhook = tool({
  title: 'A webhook',
  builtIn: true,
  event: 'received',
  events: { received: { says: 'is received', fields: { source: 'text', type: 'text', title: 'text', text: 'text' } } },
  startedBy: ['source', 'members'],
  open: 'data.',
})
