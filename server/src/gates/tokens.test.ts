/** A token decides nothing where an agent without a wall could have read it, and neither does what was made with it; a person's own sign-in does. */
import { beforeAll, expect, test } from 'vitest'
import { isolation, planned, started } from '@viewportai/core/run/testing/play'
import { pairedRunner } from '../../test/paired.ts'
import { send, testPlane, type Came } from '../../test/plane.ts'
import { specFor, Story } from '../../test/story.ts'
import { inWorkspace } from '../database/tenant.ts'
import { makeSignInLink } from '../sign-in/link.ts'
import { makeLocalToken } from '../up/local-workspace.ts'
import { capabilities } from '../wire/testing/known-runner.ts'

const { plane, workspace, url } = await testPlane()
const { db } = plane.context
const acme = await workspace('acme', ['payments'])
const sam = await acme.person('sam', { teams: ['payments'] })
const jess = await acme.person('jess', { role: 'admin', teams: ['payments'] })

const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
const local = bearer(
  await makeLocalToken(
    db,
    { workspace: acme.id, name: 'acme', admin: { id: jess.id, handle: 'jess', name: 'Jess' } },
    '/data',
  ),
)
const own = bearer((await jess.post('/api/tokens', { name: 'mine', days: 1 })).body.token)

type Ask = (method: string, where: string, body?: unknown) => Promise<Came>
const by =
  (headers: Record<string, string>): Ask =>
  (method, where, body) =>
    send(url, method, where, { headers, ...(body !== undefined && { body }) })

/** Signs in with the link that this asker makes for jess. */
const throughLink = async (ask: Ask): Promise<Ask> => {
  const made = await ask('POST', `/api/people/${jess.id}/sign-in-links`, {})
  return signedIn(made.body.url)
}
const signedIn = async (link: string): Promise<Ask> => {
  const opened = await send(url, 'POST', '/api/session', { body: { token: link.split('#')[1] } })
  const cookie = opened.headers.get('set-cookie')!.split(';')[0]!
  const { csrf } = (await send(url, 'GET', '/api/me', { headers: { cookie } })).body
  return by({ cookie, 'viewport-csrf': csrf })
}
const printed = async (): Promise<Ask> =>
  signedIn((await inWorkspace(db, acme.id, (tx) => makeSignInLink(tx, jess.id, { kind: 'system' }, url)))!.url)

/** A run of this agent behind this wall that waits at its plan gate. */
const atGate = async (agent: string, level: 'none' | 'sandbox'): Promise<Story> => {
  const spec = specFor(sam)
  const story = await new Story(db, acme.id).start({
    ...spec,
    pins: { ...spec.pins, agents: { plan: agent, implement: agent } },
  })
  await story.report('plan', { ...started, isolation: { ...isolation, level } })
  return story.report('plan', planned)
}
const votes = async (ask: Ask, story: Story): Promise<Came> => {
  const gate = await story.gate()
  return ask('POST', `/api/gates/${gate.id}/decisions`, { verdict: 'approve', digest: gate.digest })
}

let askers: Record<
  'local' | 'own' | 'localLink' | 'ownLink' | 'linkOfLink' | 'tokenOfLocal' | 'person' | 'personsLink',
  Ask
>
beforeAll(async () => {
  const localLink = await throughLink(by(local))
  const tokenOfLocal = bearer((await by(local)('POST', '/api/tokens', { name: 'second', days: 1 })).body.token)
  const person = await printed()
  askers = {
    local: by(local),
    own: by(own),
    localLink,
    ownLink: await throughLink(by(own)),
    linkOfLink: await throughLink(localLink),
    tokenOfLocal: by(tokenOfLocal),
    person,
    personsLink: await throughLink(person),
  }
})

const code = async (who: keyof typeof askers, story: Story): Promise<unknown> => {
  const { status, body } = await votes(askers[who], story)
  return status === 201 ? 'decided' : `${status} ${body.code}`
}

test.each(['local', 'own', 'localLink', 'ownLink', 'linkOfLink', 'tokenOfLocal'] as const)(
  'in a run whose agent had no wall %s decides nothing, and the card says so; the sign-in of a person decides',
  async (who) => {
    const story = await atGate('claude', 'none')
    expect(await code(who, story)).toBe('403 browser_needed')
    const card = (await askers[who]('GET', `/api/gates/${(await story.gate()).id}`)).body
    expect(card.may).toMatchObject({ decide: false, why: expect.stringContaining('decides nothing') })
    expect((await story.gate()).state).toBe('open')
    expect(await code(who === 'own' ? 'personsLink' : 'person', story)).toBe('decided')
  },
)

test('behind a wall, and where the sample works, tokens decide as ever', async () => {
  expect(await code('own', await atGate('claude', 'sandbox'))).toBe('decided')
  expect(await code('local', await atGate('claude', 'sandbox'))).toBe('decided')
  expect(await code('local', await atGate('sample', 'none'))).toBe('decided')
})

test('with one accepted runner without a wall, what lies on the disk there decides nothing at all, and cannot take the acceptance back', async () => {
  const has = capabilities({ isolation: { ...isolation, level: 'none' } })
  const runner = await pairedRunner(db, acme.id, { name: 'bare', has })
  expect(await code('local', await atGate('claude', 'sandbox'))).toBe('decided') // not accepted: only the sample works there
  expect((await askers.local('PUT', `/api/runners/${runner}`, { acceptNoWall: true })).status).toBeLessThan(300)
  for (const who of ['local', 'localLink', 'linkOfLink', 'tokenOfLocal'] as const)
    expect([who, await code(who, await atGate('claude', 'sandbox'))]).toEqual([who, '403 browser_needed'])
  expect(await code('own', await atGate('claude', 'sandbox'))).toBe('decided')
  expect(await code('person', await atGate('claude', 'sandbox'))).toBe('decided')
  for (const who of ['local', 'localLink', 'tokenOfLocal'] as const)
    expect((await askers[who]('PUT', `/api/runners/${runner}`, { acceptNoWall: false })).body.code).toBe(
      'browser_needed',
    )
  expect((await askers.person('PUT', `/api/runners/${runner}`, { acceptNoWall: false })).status).toBeLessThan(300)
  expect(await code('local', await atGate('claude', 'sandbox'))).toBe('decided')
})
