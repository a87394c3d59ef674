/**
 * Slack as the tests of this folder meet it: a program of somebody else (emulate) that keeps channels, people and messages as Slack does. It
 * sends no events to us, has no Socket Mode, and lacks the filter by time. These are added by a front of ours, after Slack's public
 * documentation: they show that both sides of us fit, and nothing about Slack itself.
 */
import { createHmac } from 'node:crypto'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { createEmulator } from 'emulate'
import { afterAll } from 'vitest'
import { WebSocketServer, type WebSocket } from 'ws'

// eslint-disable-next-line typescript/no-explicit-any -- tests look into answers freely
type Loose = any
export const tokens = { us: 'xoxb-viewport', sam: 'xoxp-sam', kim: 'xoxp-kim', app: 'xapp-1-viewport' } as const
export const ourApp = 'A0VIEWPORT'
export type EmulatedSlack = Awaited<ReturnType<typeof emulatedSlack>>

/** Acme with #support and #random, where sam and kim are, and our app. Ended after the tests of the file. */
export const emulatedSlack = async () => {
  const emulator = await createEmulator({
    service: 'slack',
    port: 0,
    seed: {
      slack: {
        team: { name: 'Acme', domain: 'acme' },
        users: [
          { name: 'sam', real_name: 'Sam' },
          { name: 'kim', real_name: 'Kim' },
          { name: 'gus', real_name: 'Gus' },
          { name: 'eve', real_name: 'Eve' },
        ],
        channels: [{ name: 'support' }, { name: 'random' }, { name: 'secret', is_private: true }],
        oauth_apps: [
          {
            app_id: ourApp,
            client_id: 'c',
            client_secret: 's',
            name: 'Viewport',
            redirect_uris: [],
            bot_id: 'B0VIEWPORT',
            bot_user_id: 'U0VIEWPORT',
            bot_name: 'viewport',
          },
        ],
        tokens: [
          { token: tokens.us, user_id: 'U0VIEWPORT', type: 'bot', app_id: ourApp, bot_id: 'B0VIEWPORT' },
          { token: tokens.sam, user: 'sam' },
          { token: tokens.kim, user: 'kim' },
        ],
      },
    },
  })
  const front = await openFront(emulator.url)
  afterAll(async () => {
    await front.close()
    await emulator.close()
  })
  const ask = async (
    method: string,
    params: Record<string, string> = {},
    token: string = tokens.sam,
  ): Promise<Loose> => {
    const came = await fetch(`${front.url}/api/${method}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams(params).toString(),
    })
    const body = (await came.json()) as Loose
    if (!body.ok) throw new Error(`${method}: ${JSON.stringify(body)}`)
    return body
  }
  const users = (await ask('users.list')).members as Loose[]
  const channels = (await ask('conversations.list', { types: 'public_channel,private_channel' })).channels as Loose[]
  const { team_id: team } = await ask('auth.test')
  const user = (name: string): string => users.find((one) => one.name === name).id
  front.people.set(user('gus'), { is_restricted: true })
  let serial = 0
  return {
    ...front,
    ask,
    team: team as string,
    user,
    channel: (name: string): string => channels.find((one) => one.name === name).id,
    /** Writes as somebody; answers the message's ts. */
    say: async (channel: string, text: string, more: Record<string, string> = {}, token?: string): Promise<string> =>
      (await ask('chat.postMessage', { channel, text, ...more }, token)).ts,
    thread: async (channel: string, ts: string): Promise<Loose[]> =>
      (await ask('conversations.replies', { channel, ts })).messages,
    history: async (channel: string): Promise<Loose[]> =>
      (await ask('conversations.history', { channel, limit: '1000' })).messages,
    /** What a press of a button by somebody lets an app open a dialog with. */
    trigger: async (user: string): Promise<string> =>
      (await ask('views.generateTriggerId', { user_id: user }, tokens.us)).trigger_id,
    /** What the Events API sends of it. */
    told: (event: Loose, more: Loose = {}): Loose => ({
      token: 'verification',
      team_id: team,
      api_app_id: ourApp,
      type: 'event_callback',
      event_id: `Ev${Date.now()}${++serial}`,
      event_time: Math.floor(Date.now() / 1_000),
      authorizations: [{ team_id: team, user_id: 'U0VIEWPORT', is_bot: true }],
      event,
      ...more,
    }),
  }
}

/** Headers of a genuine delivery, as Slack signs them. `at`: seconds. */
export const signedBy =
  (secret: string) =>
  (body: string, { at = Math.floor(Date.now() / 1_000) }: { at?: number } = {}): Record<string, string> => ({
    'x-slack-request-timestamp': String(at),
    'x-slack-signature': `v0=${createHmac('sha256', secret).update(`v0:${at}:${body}`).digest('hex')}`,
  })

const openFront = async (behind: string) => {
  const asked: string[] = []
  const people = new Map<string, Loose>()
  const channels = new Map<string, Loose>()
  const sockets = new Set<WebSocket>()
  const state: { broken: boolean; line: string | null } = { broken: false, line: null }
  const late = new Map<string, number>()
  const whispers: Record<string, string>[] = []
  const dialogs: { view: Loose; trigger: string | null }[] = []
  const acks: Loose[] = []
  let refuseNext: { method: string; answer: Loose; headers?: Record<string, string>; status?: number } | null = null
  const server = http.createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', async () => {
      const body = Buffer.concat(parts).toString('utf8')
      const method = (request.url ?? '').replace('/api/', '')
      const params = new URLSearchParams(body)
      asked.push(method)
      if (method === 'views.open')
        dialogs.push({ view: JSON.parse(params.get('view') ?? 'null'), trigger: params.get('trigger_id') })
      if (method === 'chat.postEphemeral') whispers.push(Object.fromEntries(params))
      const give = (answer: Loose, status = 200, headers: Record<string, string> = {}): void =>
        void response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(answer))
      if (refuseNext?.method === method) {
        const no = refuseNext
        refuseNext = null
        return give(no.answer, no.status, no.headers)
      }
      if (method === 'apps.connections.open') {
        if (state.broken) return give({ ok: false, error: 'token_revoked' })
        if (request.headers.authorization !== `Bearer ${tokens.app}`) return give({ ok: false, error: 'invalid_auth' })
        if (state.line !== null) return give({ ok: true, url: state.line })
        return give({ ok: true, url: `${url.replace('http', 'ws')}/link/?ticket=${Math.random()}` })
      }
      const within = {
        latest: params.get('latest'),
        oldest: params.get('oldest'),
        limit: Number(params.get('limit') ?? 100),
      }
      if (/^conversations\.(history|replies)$/.test(method)) params.set('limit', '1000')
      const came = await fetch(`${behind}${request.url}`, {
        method: 'POST',
        headers: {
          authorization: String(request.headers.authorization),
          'content-type': String(request.headers['content-type']),
        },
        body: params.toString(),
      })
      const answer = (await came.json()) as Loose
      if (answer.user?.id && people.has(answer.user.id)) Object.assign(answer.user, people.get(answer.user.id))
      for (const one of [answer.channel, ...(Array.isArray(answer.channels) ? answer.channels : [])])
        if (one?.id && channels.has(one.id)) Object.assign(one, channels.get(one.id))
      if (Array.isArray(answer.messages) && (within.latest || within.oldest))
        answer.messages = answer.messages
          .filter(
            (one: Loose) => (!within.latest || one.ts <= within.latest) && (!within.oldest || one.ts >= within.oldest),
          )
          .slice(0, within.limit)
      const wait = late.get(method)
      if (wait !== undefined) await sleep(wait)
      return give(answer, came.status)
    })
  })
  const links = new WebSocketServer({ server, path: '/link/' })
  links.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('message', (text) => acks.push(JSON.parse(String(text))))
    socket.send(JSON.stringify({ type: 'hello', num_connections: sockets.size, connection_info: { app_id: ourApp } }))
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    url,
    /** Every method that was asked, in order. */
    asked,
    /** What users.info says of somebody beside what the program knows. */
    people,
    /** The same of a channel. */
    channels,
    /** The next call of this method is answered so. */
    refuse: (method: string, answer: Loose, status = 200, headers: Record<string, string> = {}): void =>
      void (refuseNext = { method, answer, status, headers }),
    /** How long (ms) the answers of a method are held back, after it was done. */
    late,
    sockets,
    /** What was said to one person alone, newest last. */
    whispers,
    /** What was asked of views.open, newest last: its dialog, and for which trigger. */
    dialogs,
    /** `broken`: no connection of Socket Mode may be opened. `line`: the address that is named for one, in place of our own. */
    state,
    /** What came back over connections of Socket Mode. */
    acks,
    close: async (): Promise<void> => {
      for (const socket of sockets) socket.terminate()
      links.close()
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}
