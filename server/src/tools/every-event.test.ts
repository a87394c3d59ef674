/** Every event of every tool, signed as its provider signs it, through the front door of a whole control plane. */
import { createHmac } from 'node:crypto'
import { expect, test, vi } from 'vitest'
import { tools as forms } from '@viewportai/core/event/tools'
import { pairedRunner } from '../../test/paired.ts'
import { send, testPlane } from '../../test/plane.ts'
import { deliver } from '../../test/signed.ts'
import { inWorkspace } from '../database/tenant.ts'
import { sweepSchedules } from '../schedule/tick.ts'
import { makeStuck } from '../stuck.ts'
import { ci } from './ci/tool.ts'
import { emulatedGitHub, tokens as hubTokens } from './github/testing/emulated.ts'
import { github } from './github/tool.ts'
import { emulatedGitLab, tokens as labTokens } from './gitlab/testing/emulated.ts'
import { gitlab } from './gitlab/tool.ts'
import { emulatedJira, tokens as jiraTokens } from './jira/testing/emulated.ts'
import { jira } from './jira/tool.ts'
import { emulatedLinear, keys } from './linear/testing/emulated.ts'
import { linear } from './linear/tool.ts'
import { emulatedSlack, signedBy, tokens as slackTokens } from './slack/testing/emulated.ts'
import { slack } from './slack/tool.ts'
import { doorContract, type Door } from './testing/door.ts'

const secret = 'a-secret-of-this-test-alone'
const json = { 'content-type': 'application/json' }
const hmac = (body: string): string => createHmac('sha256', secret).update(body).digest('hex')
const [hub, lab, desk, board, chat] = [
  await emulatedGitHub(),
  await emulatedGitLab(),
  await emulatedJira(),
  await emulatedLinear(),
  await emulatedSlack(),
]
const labKey = Buffer.alloc(32, 7)
const slackSigned = signedBy(secret)

/** Slack sends commands and shortcuts as forms. */
const slackBody = (body: Record<string, unknown>): { body: string; media: string } => {
  const form = (fields: Record<string, string>): { body: string; media: string } => ({
    body: new URLSearchParams(fields).toString(),
    media: 'application/x-www-form-urlencoded',
  })
  const { type, ...fields } = body
  if (type === 'slash_commands') return form(fields as Record<string, string>)
  if (type === 'message_action' || type === 'shortcut') return form({ payload: JSON.stringify(body) })
  return { body: JSON.stringify(body), media: 'application/json' }
}

const doors: readonly Door[] = [
  {
    tool: github,
    name: 'github',
    at: hub.url,
    values: { base: hub.url, token: hubTokens.us, webhook_secret: secret },
    signed({ headers, body: told }, id) {
      const body = JSON.stringify(told)
      return {
        body,
        headers: { ...json, ...headers, 'x-github-delivery': id, 'x-hub-signature-256': `sha256=${hmac(body)}` },
      }
    },
    never: 'repo: acme/other',
    // Whose code the job built cannot be asked of a repository that is not there, so it is an outsider's.
    startedBy: { check_failed: 'anyone' },
  },
  {
    tool: gitlab,
    name: 'gitlab',
    at: lab.url,
    values: { base: lab.url, token: labTokens.us, webhook_secret: `whsec_${labKey.toString('base64')}` },
    signed({ body: told }, id) {
      const body = JSON.stringify(told)
      const at = Math.floor(Date.now() / 1_000)
      const signature = createHmac('sha256', labKey).update(`${id}.${at}.${body}`).digest('base64')
      return {
        body,
        headers: {
          ...json,
          'webhook-id': id,
          'webhook-timestamp': String(at),
          'webhook-signature': `v1,${signature}`,
        },
      }
    },
    never: 'repo: acme/other',
  },
  {
    tool: linear,
    name: 'linear',
    at: board.url,
    values: { base: board.url, key: keys.us, signing: secret },
    signed({ body: told }, id) {
      const body = JSON.stringify({ ...(told as object), webhookTimestamp: Date.now() })
      return { body, headers: { ...json, 'linear-delivery': id, 'linear-signature': hmac(body) } }
    },
    never: 'team: Nowhere',
  },
  {
    tool: jira,
    name: 'jira',
    at: desk.url,
    values: { site: desk.url, email: 'us@acme.dev', token: jiraTokens.us, signing: secret },
    signed({ body: told }, id) {
      const body = JSON.stringify(told)
      return {
        body,
        headers: { ...json, 'x-atlassian-webhook-identifier': id, 'x-hub-signature': `sha256=${hmac(body)}` },
      }
    },
    never: 'project: NOWHERE',
  },
  {
    tool: slack,
    name: 'slack',
    at: chat.url,
    values: { base: chat.url, token: slackTokens.us, signing: secret },
    whispersOff: { whisper: 'off' },
    dressed: (sample) => ({
      ...sample,
      body: JSON.parse(JSON.stringify(sample.body).replaceAll('T0EXAMPLE1', chat.team)) as unknown,
    }),
    signed({ body: told }, id) {
      // The id of a delivery stands in what is sent.
      const named = JSON.stringify(told)
        .replace('"Ev0001"', `"Ev${id}"`)
        .replace('"trigger_id":"1.2.3"', `"trigger_id":"${id}"`)
      const { body, media } = slackBody(JSON.parse(named) as Record<string, unknown>)
      return { body, headers: { 'content-type': media, ...slackSigned(body) } }
    },
    acts: ['slash_command', 'shortcut'],
    never: null, // it names channels and people by ids alone
  },
  {
    tool: ci,
    name: 'ci',
    at: null,
    values: {},
    signed: ({ body }, _id, made) => ({
      body: JSON.stringify(body),
      headers: { ...json, authorization: `Bearer ${made['token']}` },
    }),
    never: null,
    // No person stands behind a build: the connection itself tells it.
    startedBy: Object.fromEntries(Object.keys(forms['ci']!.events).map((event) => [event, 'source'])),
    byBytes: true,
  },
]

const bench = await testPlane({ nearHosts: ['127.0.0.1', 'localhost'] })
for (const door of doors) doorContract(bench, door)

// ---- What comes without a tool, by its own way

const { db } = bench.plane.context
const { url } = bench
/** A workspace whose workflow `own` listens to this. `source`: of signed webhooks. */
const ready = async (slug: string, trigger: string) => {
  const of = await bench.workspace(slug, ['payments'])
  await of.person(`${slug}-lead`, { teams: ['payments'] })
  await pairedRunner(db, of.id)
  await of.admin.post('/api/repositories', { name: 'acme/shop', url: 'https://git.acme.dev/acme/shop.git' })
  const { source, secret: key } = (await of.admin.post('/api/sources', { name: 'bugs' })).body
  const written = `name: own\nteam: payments\ntrigger: ${trigger}\nrepos: [{ acme/shop: { access: read } }]\nsteps: [{ id: plan, mode: plan, prompt: Look. }]\n`
  expect((await of.admin.post('/api/workflows', { source: written })).body.missing).toEqual([])
  await of.admin.put('/api/workflows/own/enabled', { enabled: true })
  return { of, source: { url: source.url as string, secret: key as string } }
}
type Ready = Awaited<ReturnType<typeof ready>>
const runs = async ({ of }: Ready): Promise<number> => (await of.admin.get('/api/runs')).body.rows.length
const becomesOne = (here: Ready) =>
  vi.waitFor(async () => expect(await runs(here)).toBe(1), { timeout: 20_000, interval: 50 })
const asked = { workflow: 'own', title: 'Look', request: 'once' }

const ownWays: Readonly<Record<string, { trigger: string; tell(here: Ready): Promise<unknown> }>> = {
  webhook: {
    trigger: '{ webhook: { source: bugs } }',
    tell: ({ source }) => deliver(url, source, { type: 'bug.filed' }, { id: 'once' }),
  },
  schedule: {
    trigger: '{ schedule: { cron: "0 9 * * mon" } }',
    // Its moment came, and the sweeps of this program and of another replica look at once.
    tell: async ({ of }) => {
      if ((await runs({ of } as Ready)) === 0)
        await inWorkspace(db, of.id, (tx) => tx.query('update vp.schedules set next_at = vp.now_ms() - 10'))
      await Promise.all(
        [1, 2].map(() =>
          sweepSchedules(
            db,
            makeStuck(() => {}),
          ),
        ),
      )
    },
  },
  manual: { trigger: 'manual', tell: ({ of }) => of.admin.post('/api/runs', asked) },
  api: {
    trigger: 'api',
    tell: async ({ of }) => {
      const { token } = (await of.admin.post('/api/tokens', { name: `t${Math.random()}`, days: 1 })).body
      return send(url, 'POST', '/api/runs', { body: asked, headers: { authorization: `Bearer ${token}` } })
    },
  },
}

test.each(Object.entries(ownWays))(
  '%s starts one run, and none when it is told again',
  async (name, { trigger, tell }) => {
    const here = await ready(`own-${name}`, trigger)
    await tell(here)
    await becomesOne(here)
    await tell(here)
    expect(
      (await here.of.admin.get('/api/deliveries')).body.deliveries.map(({ tool }: { tool: string }) => tool),
    ).toEqual([name])
    expect(await runs(here)).toBe(1)
  },
)

test('nothing that a workflow can listen to is left out here', () => {
  expect([...doors.map(({ name }) => name), ...Object.keys(ownWays)].toSorted()).toEqual(Object.keys(forms).toSorted())
  // What comes without a tool tells one kind of event.
  for (const name of Object.keys(ownWays)) expect(Object.keys(forms[name]!.events)).toHaveLength(1)
})
