/** Whose right at the tool was taken while the start waited starts nothing: with the real intake, GitHub and Linear by programs of somebody else, GitLab by our own emulator. */
import http from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { testPlane, type TestWorkspace } from '../../test/plane.ts'
import { inWorkspace } from '../database/tenant.ts'
import { emulatedGitHub, tokens } from '../tools/github/testing/emulated.ts'
import { sendSigned } from '../tools/github/testing/signed.ts'
import { emulatedGitLab, levels, tokens as gitlabTokens } from '../tools/gitlab/testing/emulated.ts'
import { emulatedLinear, keys } from '../tools/linear/testing/emulated.ts'
import { readied, settledWith } from '../tools/testing/bench.ts'

const hub = await emulatedGitHub()
const { plane, workspace } = await testPlane({ nearHosts: ['localhost', '127.0.0.1'] })
const { db, outside } = plane.context
const secret = 'a-secret-of-this-test-alone'
const { host } = new URL(hub.url)
const repository = await hub.ask('GET', '/repos/acme/shop')
const [sam, stranger] = [await hub.ask('GET', '/users/sam'), await hub.ask('GET', '/users/stranger')]
let count = 0

const workflow = (trigger: string) =>
  `name: triage\nteam: payments\ntrigger: { ${trigger} }\nrepos: [{ acme/shop: { access: read } }]\nsteps: [{ id: plan, mode: plan, prompt: Look. }]\nconcurrency: { limit: 1, when_full: queue }\n`
const told = async (of: TestWorkspace, delivery: string) =>
  (await of.admin.get(`/api/deliveries/${delivery}`)).body as { verdict: string; runs: { number: number }[] }
/** What a delivery says, once it says this. */
const says = (of: TestWorkspace, delivery: string, words: RegExp | string) =>
  vi.waitFor(
    async () => {
      const { verdict, runs } = await told(of, delivery)
      expect(verdict).toMatch(words)
      return runs.length
    },
    { timeout: 15_000, interval: 50 },
  )
const endRun = async (of: TestWorkspace, number = 1) =>
  expect((await of.admin.post(`/api/runs/${number}/cancellation`, { reason: 'enough' })).status).toBe(202)
const refusals = ({ id }: TestWorkspace) =>
  inWorkspace(db, id, async (tx) =>
    (
      await tx.query<{ text: string }>(
        `select text from vp.facts where workspace = $1 and run = $1 and type = 'refusal.recorded'`,
        [id],
      )
    ).rows.map(({ text }) => JSON.parse(text).data.about.delivery as string),
  )
/** `admin`: of a right to push the program tells `push`, where GitHub tells `write`. */
const collaborates = (may: boolean) =>
  hub.ask(
    may ? 'PUT' : 'DELETE',
    '/repos/acme/shop/collaborators/stranger',
    may ? { permission: 'admin' } : undefined,
    tokens.sam,
  )

/** A run of GitHub goes on, and starts of a collaborator whom nobody linked wait behind it. `base`: where GitHub is asked. */
const waiting = async (starts = 1, base = hub.url) => {
  await collaborates(true)
  const of = await workspace(`q${++count}`, ['payments'])
  let made: { id: string; url: string } | undefined
  await readied(db, of, {
    account: `github:${new URL(base).host}/${hub.ids.sam}`,
    url: `https://${new URL(base).host}/acme/shop.git`,
    connect: async () => {
      const values = { base, token: tokens.us, webhook_secret: secret }
      made = (await of.admin.post('/api/connections', { tool: 'github', name: 'github', values })).body.connection
    },
    workflows: [workflow('github: { event: issue_labeled, started_by: [collaborators] }')],
  })
  const labelled = async (label: string, sender: object = stranger) => {
    const issue = await hub.ask('POST', '/repos/acme/shop/issues', { title: 'A bug', body: 'x' }, tokens.sam)
    const payload = { action: 'labeled', issue, label: { name: label }, repository, sender }
    return sendSigned(made!.url, secret, 'issues', payload)
  }
  await says(of, await labelled('first'), 'triage started run 1.')
  const deliveries: string[] = []
  for (let n = 0; n < starts; n++) {
    deliveries.push(await labelled(`next-${n}`))
    await says(of, deliveries.at(-1)!, 'triage waits for its turn.')
  }
  return { of, deliveries, connection: made!.id, labelled }
}
/** A way to GitHub that can be cut, for these paths: what comes then is taken and never answered. */
const wayToGitHub = async () => {
  const way = { url: '', cut: null as RegExp | null, rightsAsked: 0 }
  const server = http.createServer((request, response) => {
    if (request.url?.endsWith('/permission')) way.rightsAsked++
    if (way.cut?.test(request.url!)) return
    const onward = http.request(hub.url + request.url, { method: request.method, headers: request.headers }, (came) => {
      response.writeHead(came.statusCode!, came.headers)
      came.pipe(response)
    })
    request.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  way.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return way
}
/** What GitHub answers when it is asked what somebody may do. */
const answering = (status: number) => {
  const ask = outside.ask
  const asked: string[] = []
  const spy = vi.spyOn(outside, 'ask').mockImplementation(async (one) => {
    if (!one.url.endsWith('/permission')) return ask(one)
    asked.push(one.url)
    return { status, headers: {}, text: '{}' }
  })
  onTestFinished(() => spy.mockRestore())
  return { asked, spy }
}
const moveClock = ({ id }: TestWorkspace, millis: number) =>
  inWorkspace(db, id, (tx) =>
    tx.query(
      'update vp.queued_starts set ask_at = ask_at - $2, unasked_since = unasked_since - $2 where workspace = $1',
      [id, millis],
    ),
  )

describe('a collaborator of GitHub, linked to nobody', () => {
  test('who still may starts when the turn comes', async () => {
    const { of, deliveries } = await waiting()
    await endRun(of)
    expect(await says(of, deliveries[0]!, 'triage started run 2.')).toBe(1)
  })

  test('whose right was taken meanwhile starts nothing, and the next one has its turn', async () => {
    const { of, deliveries } = await waiting(2)
    await collaborates(false)
    await endRun(of)
    for (const delivery of deliveries)
      expect(await says(of, delivery, 'triage did not start: outsiders may not start it.')).toBe(0)
    expect(await refusals(of)).toEqual(deliveries)
  })

  test('who was linked to a person meanwhile starts as that person', async () => {
    const { of, deliveries } = await waiting()
    const kim = await of.person(`kim${count}`, { teams: ['payments'] })
    await of.admin.post(`/api/people/${kim.id}/accounts`, { account: `github:${host}/${hub.ids.stranger}`, name: 'x' })
    await collaborates(false)
    await endRun(of)
    await says(of, deliveries[0]!, 'triage started run 2.')
    const { rows } = await inWorkspace(db, of.id, (tx) =>
      tx.query<{ person: string }>(
        `select spec #>> '{requester,person}' as person from vp.runs where workspace = $1 and number = 2`,
        [of.id],
      ),
    )
    expect(rows).toEqual([{ person: kim.id }])
  })

  test(
    'of whom GitHub says nothing now waits and says so, lets others pass, starts once it is told, and is dropped when it is not for ten minutes',
    { timeout: 60_000 },
    async () => {
      const { of, deliveries, labelled } = await waiting(2)
      const { asked, spy } = answering(503)
      await endRun(of)
      const words =
        /^triage waits: its turn has come, and whether stranger may still start it could not be asked\. What stranger may do in acme\/shop is not known \(GitHub answered 503\)\. It is asked again until \d{4}-/
      for (const delivery of deliveries) expect(await says(of, delivery, words)).toBe(0)
      // Not every second anew.
      expect(asked).toHaveLength(2)
      // A member of the workspace, who comes later, is asked about nowhere and waits for nobody.
      await says(of, await labelled('of a member', sam), 'triage started run 2.')
      await endRun(of, 2)
      spy.mockRestore()
      await moveClock(of, 20_000)
      expect(await says(of, deliveries[0]!, 'triage started run 3.')).toBe(1)
      answering(500)
      await endRun(of, 3)
      await says(of, deliveries[1]!, /^triage waits: .*\(GitHub answered 503\)/)
      await moveClock(of, 601_000)
      expect(
        await says(
          of,
          deliveries[1]!,
          'triage did not start: for 10 minutes nobody could ask whether stranger may still start it. What stranger may do in acme/shop is not known (GitHub answered 500).',
        ),
      ).toBe(0)
      expect(await refusals(of)).toEqual([deliveries[1]])
    },
  )

  test(
    'many of whom wait while GitHub answers nothing cost one question, hold up nobody, and start in their order once it answers',
    { timeout: 90_000 },
    async () => {
      const way = await wayToGitHub()
      const [away, there] = [await waiting(4, way.url), await waiting()]
      way.cut = /^/
      way.rightsAsked = 0
      await endRun(away.of)
      await vi.waitFor(() => expect(way.rightsAsked).toBe(1), { timeout: 20_000, interval: 20 })
      await says(away.of, away.deliveries[0]!, /could not be asked\. What stranger may do .* no answer within 5000 ms/)
      for (const delivery of away.deliveries.slice(1))
        await says(
          away.of,
          delivery,
          /could not be asked\. The connection github answered nothing a moment ago\. It is/,
        )
      // Another workspace is asked about as ever.
      await endRun(there.of)
      await says(there.of, there.deliveries[0]!, 'triage started run 2.')
      expect(way.rightsAsked).toBe(1)
      way.cut = null
      for (const [at, delivery] of away.deliveries.entries()) {
        await vi.waitFor(
          async () => expect((await told(away.of, delivery)).verdict).toBe(`triage started run ${at + 2}.`),
          {
            timeout: 30_000,
            interval: 100,
          },
        )
        await endRun(away.of, at + 2)
      }
    },
  )

  test(
    'many of whom wait while GitHub answers all but that are asked about some at a time, and none is left out',
    { timeout: 60_000 },
    async () => {
      const way = await wayToGitHub()
      const { of, deliveries } = await waiting(4, way.url)
      way.cut = /\/permission$/
      way.rightsAsked = 0
      await endRun(of)
      await says(of, deliveries[1]!, /could not be asked/)
      expect(way.rightsAsked).toBe(2)
      expect((await told(of, deliveries[2]!)).verdict).toBe('triage waits for its turn.')
      await says(of, deliveries[3]!, /could not be asked/)
      const since = await inWorkspace(db, of.id, async (tx) =>
        (
          await tx.query<{ at: number }>(
            'select unasked_since as at from vp.queued_starts where workspace = $1 order by position',
            [of.id],
          )
        ).rows.map(({ at }) => at),
      )
      // The patience with each begins when it was asked about.
      expect(since[2]! - since[1]!).toBeGreaterThan(4_000)
    },
  )

  test('whose connection is held by a runner by then is dropped, and its page says so and what to do', async () => {
    const { of, deliveries, connection } = await waiting()
    const values = { base: hub.url, webhook_secret: secret }
    expect((await of.admin.put(`/api/connections/${connection}`, { values, held: true })).status).toBe(200)
    await endRun(of)
    const words =
      'triage did not start: nobody can ask any more whether stranger may still start it. A runner holds the credential of the connection github by now, and no runner is sent to ask that. Link the account to a person of the workspace, or let Viewport keep a token of the connection: later ones can be asked about then.'
    expect(await says(of, deliveries[0]!, /did not start/)).toBe(0)
    const { body } = await of.admin.get(`/api/deliveries/${deliveries[0]}`)
    expect(body).toMatchObject({ verdict: words, outcome: 'refused' })
    expect(await refusals(of)).toEqual([deliveries[0]])
  })

  test('whose connection was removed can be asked about never more', async () => {
    const { of, deliveries, connection } = await waiting()
    expect((await of.admin.del(`/api/connections/${connection}?confirmed=true`)).status).toBe(204)
    await endRun(of)
    await says(
      of,
      deliveries[0]!,
      'triage did not start: nobody can ask any more whether stranger may still start it. The connection that it came by was removed.',
    )
  })
})

test('whose level at GitLab was taken meanwhile starts nothing', { timeout: 30_000 }, async () => {
  const at = await emulatedGitLab()
  const of = await workspace('gitlab', ['payments'])
  const signing = `whsec_${Buffer.from('a-signing-token-of-32-bytes-here').toString('base64')}`
  await readied(db, of, {
    account: 'gitlab:nobody/1',
    url: `https://${new URL(at.url).host}/acme/shop.git`,
    connect: async () => {
      const values = { base: at.url, token: gitlabTokens.us, webhook_secret: signing, projects: 'acme/shop' }
      const { body } = await of.admin.post('/api/connections', { tool: 'gitlab', name: 'gitlab', values })
      at.hook(body.connection.url, signing)
    },
    workflows: [workflow('gitlab: { event: issue_labeled, started_by: [collaborators] }')],
  })
  for (const title of ['The first.', 'The second.']) await at.label(await at.issue({ title }), 'agent')
  const [, second] = [
    await settledWith(db, of.id, 'The first.', 2),
    (await settledWith(db, of.id, 'The second.', 2)).find((one) => one.event?.event === 'issue_labeled')!,
  ]
  expect(second.verdict).toBe('triage waits for its turn.')
  const had = levels[2]!
  onTestFinished(() => void (levels[2] = had))
  levels[2] = 20
  await endRun(of)
  await says(of, second.delivery, 'triage did not start: outsiders may not start it.')
})

test('who was suspended in Linear meanwhile starts nothing', { timeout: 30_000 }, async () => {
  const at = await emulatedLinear()
  const of = await workspace('linear', ['payments'])
  await readied(db, of, {
    account: 'linear:99999999-9999-4999-8999-999999999999',
    connect: async () => {
      const values = { key: keys.us, signing: 'lin_wh_a-signing-secret', base: at.url, teams: 'Payments' }
      const { body } = await of.admin.post('/api/connections', { tool: 'linear', name: 'linear', values })
      await at.hooks(body.connection.url, 'lin_wh_a-signing-secret')
    },
    workflows: [workflow('linear: { event: issue_created, started_by: [collaborators] }')],
  })
  const [first, second] = [await at.create({}, keys.kim), await at.create({}, keys.kim)]
  await settledWith(db, of.id, first.id, 1)
  const [waits] = await settledWith(db, of.id, second.id, 1)
  expect(waits!.verdict).toBe('triage waits for its turn.')
  // The program suspends nobody: its answer is changed.
  const ask = outside.ask
  const spy = vi.spyOn(outside, 'ask').mockImplementation(async (asked) => {
    const came = await ask(asked)
    return { ...came, text: came.text.replace('"active":true', '"active":false') }
  })
  onTestFinished(() => spy.mockRestore())
  await endRun(of)
  await says(of, waits!.delivery, 'triage did not start: outsiders may not start it.')
})
