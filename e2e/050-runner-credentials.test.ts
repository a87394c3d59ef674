// A customer keeps the tokens of GitHub and Slack on a machine of their own. The control plane never has them: an approved change becomes a pull request
// and a message because vpd does it, once, whenever vpd or the control plane is killed. GitHub and Slack are emulate's programs, GitHub with a real
// repository behind it, each behind a recording proxy of ours; vpd, the control plane, git and all signatures are real.
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { Json } from './testing/api.ts'
import { openEmulatedChat, type EmulatedChat } from './testing/emulated-chat.ts'
import { openEmulatedHub, type EmulatedHub } from './testing/emulated-hub.ts'
import { openHeldPlane, type HeldPlane } from './testing/held-plane.ts'
import { openProviderProxy, type Moment, type Passed, type ProviderProxy } from './testing/provider-proxy.ts'

const tokens = { github: 'ghp_only-on-the-machine-4f7a', slack: 'xoxb-only-on-the-machine-9c2e' } as const
let held: HeldPlane
let hub: EmulatedHub
let chat: EmulatedChat
let github: ProviderProxy
let slack: ProviderProxy

const mend = '  - { id: mend, mode: edit, agent: mender, prompt: "Mend it." }\n'
const openPull = '  - { action: github.open_pr, title: "Mend the price" }\n'
const message = '  - { action: slack.message, channel: "#support", text: "Mended." }\n'
const workflows = { ship: mend + openPull + message, open: mend + openPull, say: message } as const

beforeAll(async () => {
  held = await openHeldPlane('held')
  hub = await openEmulatedHub(held.remote.url.replace('file://', ''), tokens.github)
  chat = await openEmulatedChat(tokens.slack)
  github = await openProviderProxy(hub.url)
  slack = await openProviderProxy(chat.url)
  await held.admin().send('PUT', '/api/workspace', { caps: { 'github.open_pr': 1_000, 'slack.message': 1_000 } })
  await held.connect(
    { tool: 'github', url: github.url, token: tokens.github },
    { tool: 'slack', url: slack.url, token: tokens.slack },
  )
  await held.online()
  for (const [name, steps] of Object.entries(workflows)) await held.save(name, `trigger: manual\nsteps:\n${steps}`)
}, 240_000)
afterAll(async () => {
  await held?.close()
  for (const one of [github, slack, hub, chat]) await one?.close()
})

const doing = { 'github.open_pr': 'open', 'slack.message': 'say' } as const
type Action = keyof typeof doing
const isWrite = {
  'github.open_pr': ({ method, path }: Passed): boolean => method === 'POST' && path === '/repos/acme/shop/pulls',
  'slack.message': ({ path }: Passed): boolean => path === '/api/chat.postMessage',
} as const
const proxyOf = (action: Action): ProviderProxy => (action === 'github.open_pr' ? github : slack)

/** One effect there, one in the ledger, begun and ended by the runner. */
const seesOne = async (action: Action, number: number): Promise<Json> => {
  const { intent, done } = await held.sawOne(action, number)
  const all = await (action === 'slack.message'
    ? chat.support()
    : hub.ask('GET', '/repos/acme/shop/pulls?state=all&per_page=100'))
  const there = (all as unknown[]).filter((one) => JSON.stringify(one).includes(intent)).length
  expect({ action, there }).toEqual({ action, there: 1 })
  return done
}

test(
  'a change becomes a pull request and a message, by the machine that holds the tokens',
  { timeout: 240_000 },
  async () => {
    const number = await held.begin('ship')
    const { receipts, run } = await held.untilEnded(number)
    expect(
      (receipts as Json[]).map((one) => [one['action'], one['receipt'].provider, one['receipt'].readBack]),
    ).toEqual([
      ['git.push', 'git', true],
      ['github.open_pr', 'github', true],
      ['slack.message', 'slack', true],
    ])
    for (const action of ['github.open_pr', 'slack.message'] as const)
      expect(await seesOne(action, number)).toMatchObject({
        by: { kind: 'runner' },
        data: { attempt: 1, reconciled: false },
      })

    // The packet holds what the runner signed of it, and verifies with the keys that were handed over.
    const packet = await held.packet(number)
    expect(signedBy(packet)).toEqual(expect.arrayContaining(['github', 'slack']))

    // What left the machine is told, request by request.
    const left = await held.vpd('egress', run as string)
    expect(left.out).toContain(new URL(github.url).host)
    expect(left.out).toContain(new URL(slack.url).host)

    await held.onMachineAlone(Object.values(tokens), { 'the packet': packet, 'what left': left.out })
    const shown = await held.vpd('credentials')
    expect(shown.out).toMatch(/provider +github .*\d{4}-\d\d-\d\d/)
  },
)

/** Providers of the receipts that the runner signed: its reports are in the packet as it sent them. */
const signedBy = (packet: string): string[] =>
  [...packet.matchAll(/\.(eyJ[\w-]+)(?=\.)/g)]
    .map(([, claims]) => JSON.parse(Buffer.from(claims!, 'base64url').toString('utf8')) as Json)
    .flatMap(({ report }) => (report?.type === 'effect_succeeded' ? [report.receipt.provider as string] : []))

const every = process.env['VIEWPORT_MATRIX'] === 'all'
const blows: { name: string; moment: Moment; action: Action }[] = (
  [
    { name: 'begun, and sent to nobody', moment: 'came', action: 'github.open_pr' },
    { name: 'done there, and the answer lost', moment: 'did', action: 'slack.message' },
    { name: 'done there, and the answer lost', moment: 'did', action: 'github.open_pr' },
    { name: 'begun, and sent to nobody', moment: 'came', action: 'slack.message' },
    { name: 'answered, and not recorded', moment: 'told', action: 'github.open_pr' },
    { name: 'answered, and not recorded', moment: 'told', action: 'slack.message' },
  ] as const
).filter((_, at) => every || at < 2)

describe('killed', () => {
  test.each(blows)('vpd: $name, $action', { timeout: 240_000 }, async ({ moment, action }) => {
    const trap = proxyOf(action).trap({ is: isWrite[action], at: moment })
    const number = await held.begin(doing[action])
    await trap.caught
    await held.killed('vpd', trap.letGo)
    await held.untilEnded(number)
    await seesOne(action, number)
  })

  test('vpd: sent, and done there only after the restart', { timeout: 240_000 }, async () => {
    const trap = slack.trap({ is: isWrite['slack.message'], at: 'came', late: true })
    const number = await held.begin('say')
    await trap.caught
    await held.killed('vpd')
    await expect
      .poll(async () => (await held.facts(number)).some(({ type }) => type === 'effect.unknown'), { timeout: 60_000 })
      .toBe(true)
    trap.letGo()
    await held.untilEnded(number)
    expect(await seesOne('slack.message', number)).toMatchObject({ data: { attempt: 2, reconciled: true } })
  })

  test('the control plane, while the machine does it', { timeout: 240_000 }, async () => {
    const trap = github.trap({ is: isWrite['github.open_pr'], at: 'did' })
    const number = await held.begin('open')
    await trap.caught
    await held.killed('plane', trap.letGo)
    await held.untilEnded(number)
    await seesOne('github.open_pr', number)
  })
})

test('without the credential nothing begins, and it is said what is missing where', { timeout: 120_000 }, async () => {
  expect(await held.vpd('credentials', 'remove', 'provider', 'slack')).toMatchObject({ code: 0 })
  const number = await held.begin('say') // the worker still tells of it
  await expect
    .poll(
      // By the machine's own no, or, where it has told of its loss by then, by what the run waits for.
      async () => JSON.stringify([await held.facts(number), await held.admin().get(`/api/runs/${number}`)]),
      { timeout: 60_000, interval: 300 },
    )
    .toContain('a credential for slack at')
  await expect
    .poll(async () => JSON.stringify((await held.admin().get('/api/connections'))['connections']), {
      timeout: 100_000,
      interval: 500,
    })
    .toContain('No runner holds its credential: on one, `vpd credentials set provider slack')
})
