// A customer keeps the tokens of GitHub and Slack on a machine of their own. The control plane never has them: an approved change becomes a pull request
// and a message because vpd does it, once, whenever vpd or the control plane is killed. GitHub and Slack are emulate's programs, GitHub with a real
// repository behind it, each behind a recording proxy of ours; vpd, the control plane, git and all signatures are real.
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { createEmulator, type Emulator } from 'emulate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { localAdmin, type Caller, type Json } from './testing/api.ts'
import { makePlace, type Place } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { listen, run, start, viewportProgram, vpdProgram, type Ended, type Running } from './testing/program.ts'
import { openProviderProxy, type Moment, type Passed, type ProviderProxy } from './testing/provider-proxy.ts'
import { withRealCommits, type RealCommits } from './testing/real-commits.ts'
import { unzipped } from './testing/secrets.ts'
import { makeShopRemote } from './testing/shop-remote.ts'
import { slackSeed } from './testing/slack-seed.ts'
import { acceptBareRunners } from './testing/without-wall.ts'

const [plane, machine] = [makePlace('held-plane'), makePlace('held-machine')]
const settings = { VIEWPORT_DATA_DIR: plane.data, VIEWPORT_NEAR_HOSTS: '127.0.0.1' }
const tokens = { github: 'ghp_only-on-the-machine-4f7a', slack: 'xoxb-only-on-the-machine-9c2e' } as const
const samToken = 'token-of-sam'
let server: Running
let worker: Running
let hub: Emulator
let chat: Emulator
let forge: RealCommits
let github: ProviderProxy
let slack: ProviderProxy

const tell = async (...words: string[]): Promise<string> => {
  const ended = await run(plane, viewportProgram, words, settings)
  expect({ words, ...ended }).toMatchObject({ code: 0 })
  return ended.out
}
const admin = (): Caller => localAdmin(plane.data)
const up = async (): Promise<void> => {
  server = start(plane, viewportProgram, ['up', '--data', plane.data], settings)
  await server.says(/Ctrl-C stops everything/, 120_000)
}
const online = async (): Promise<void> => {
  worker = start(machine, vpdProgram, ['worker', 'start'])
  await worker.says(/online/)
}
/** With a secret on its standard input. */
const given = (place: Place, words: string[], input: string): Promise<Ended> => {
  const child = spawn(process.execPath, [vpdProgram, ...words], {
    cwd: place.folder,
    env: place.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(input)
  return listen(child).ended
}

const openPull = '  - { action: github.open_pr, title: "Mend the price" }\n'
const message = '  - { action: slack.message, channel: "#support", text: "Mended." }\n'
const workflows = {
  ship: `steps:\n  - { id: mend, mode: edit, agent: mender, prompt: "Mend it." }\n${openPull}${message}`,
  open: `steps:\n  - { id: mend, mode: edit, agent: mender, prompt: "Mend it." }\n${openPull}`,
  say: `steps:\n${message}`,
} as const

beforeAll(async () => {
  const remote = makeShopRemote(plane)
  hub = await createEmulator({ service: 'github', port: 0, seed: githubSeed })
  await fetch(`${hub.url}/repos/acme/shop/collaborators/viewport-acme`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${samToken}`, 'content-type': 'application/json' },
    body: '{"permission":"push"}',
  })
  forge = await withRealCommits(hub.url, remote.url.replace('file://', ''), tokens.github)
  github = await openProviderProxy(forge.url)
  chat = await createEmulator({ service: 'slack', port: 0, seed: slackSeed(tokens.slack) })
  slack = await openProviderProxy(chat.url)
  await up()
  await tell('repositories', 'add', 'acme/shop', remote.url)
  await admin().send('PUT', '/api/workspace', { caps: { 'github.open_pr': 1_000, 'slack.message': 1_000 } })
  await tell('connect', 'github', '--on-runner', '--set', `base=${github.url}`)
  await tell('connect', 'slack', '--on-runner', '--set', `base=${slack.url}`)
  writeMender()
  const pairing = start(machine, vpdProgram, ['pair', '--worker', '--server', admin().url])
  const [, said = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  const [, code = ''] = /code: (\S+)/.exec(pairing.out())!
  await tell('runners', 'approve', code, '--words', said, '--pool', 'default', '--repo', 'acme/shop')
  expect(await pairing.ended).toMatchObject({ code: 0 })
  for (const [tool, url] of [
    ['github', github.url],
    ['slack', slack.url],
  ] as const)
    expect(await given(machine, ['credentials', 'set', 'provider', tool, '--url', url], tokens[tool])).toMatchObject({
      code: 0,
    })
  await online()
  await acceptBareRunners(plane)
  for (const [name, steps] of Object.entries(workflows)) {
    const file = join(plane.folder, `${name}.yaml`)
    writeFileSync(file, `name: ${name}\ntrigger: manual\nrepos: [acme/shop]\napprovals: []\n${steps}`)
    await tell('workflows', 'save', file, '--enable')
  }
}, 240_000)
afterAll(async () => {
  for (const place of [machine, plane]) endAllOf(place.folder)
  for (const one of [github, slack, forge, hub, chat]) await one?.close()
  for (const place of [machine, plane]) place.remove()
})

/** A change is made by a script: what is tried here is what happens to it afterwards. */
const writeMender = (): void => {
  const own = join(machine.home, '.viewport/runner')
  mkdirSync(own, { recursive: true })
  const mender = join(machine.folder, 'mender')
  writeFileSync(mender, '#!/bin/sh\nset -e\ncat /proc/sys/kernel/random/uuid > price.txt\n')
  chmodSync(mender, 0o755)
  writeFileSync(
    join(own, 'policy.yaml'),
    `commands: { mender: { argv: ["${mender}"], modes: [edit] } }\nwalls: { read: ["${machine.folder}"] }\n`,
  )
}

const begin = async (workflow: keyof typeof workflows): Promise<number> =>
  (await admin().send('POST', '/api/runs', { workflow, title: 'go' }))['number'] as number
const factsOf = async (number: number): Promise<Json[]> =>
  (await admin().get(`/api/runs/${number}/facts`))['facts'].map(
    ({ text }: { text: string }) => JSON.parse(text) as Json,
  )
const untilEnded = async (number: number): Promise<void> => {
  const outcome = async (): Promise<unknown> =>
    (
      await admin()
        .get(`/api/runs/${number}`)
        .catch(() => ({ outcome: null }))
    )['outcome']
  await expect
    .poll(outcome, { timeout: 120_000, interval: 200 })
    .toBe('succeeded')
    .catch(async (cause: unknown) => {
      const facts = (await factsOf(number)).map(({ type, data }) => [type, data])
      throw new Error(`Run ${number} did not end: ${JSON.stringify(facts.slice(1))}\n${worker.out()}${worker.err()}`, {
        cause,
      })
    })
}
const doing = { 'github.open_pr': 'open', 'slack.message': 'say' } as const
type Action = keyof typeof doing
const isWrite = {
  'github.open_pr': ({ method, path }: Passed): boolean => method === 'POST' && path === '/repos/acme/shop/pulls',
  'slack.message': ({ path }: Passed): boolean => path === '/api/chat.postMessage',
} as const
const proxyOf = (action: Action): ProviderProxy => (action === 'github.open_pr' ? github : slack)

/** What stands at the provider and holds this intent. */
const there = async (action: Action, intent: string): Promise<number> => {
  const ask = async (url: string, body?: string): Promise<unknown> =>
    (
      await fetch(url, {
        method: body === undefined ? 'GET' : 'POST',
        headers: {
          authorization: `Bearer ${tokens[action === 'github.open_pr' ? 'github' : 'slack']}`,
          'content-type': 'application/x-www-form-urlencoded',
        },
        ...(body !== undefined && { body }),
      })
    ).json()
  if (action === 'github.open_pr') {
    const pulls = (await ask(`${hub.url}/repos/acme/shop/pulls?state=all&per_page=100`)) as unknown[]
    return pulls.filter((one) => JSON.stringify(one).includes(intent)).length
  }
  const { channels } = (await ask(`${chat.url}/api/conversations.list`, 'limit=100')) as Json
  const { id } = (channels as Json[]).find((one) => one['name'] === 'support')!
  const { messages } = (await ask(
    `${chat.url}/api/conversations.history`,
    `channel=${id}&limit=200&include_all_metadata=true`,
  )) as Json
  return (messages as unknown[]).filter((one) => JSON.stringify(one).includes(intent)).length
}
/** One effect there, one in the ledger, begun and ended by the runner. */
const seesOne = async (action: Action, number: number): Promise<Json> => {
  const facts = await factsOf(number)
  const proposed = facts.find(({ type, data }) => type === 'intent.proposed' && data.action === action)!['data']
  expect(proposed.at).toBe('runner')
  const of = (type: string): Json[] =>
    facts.filter((one) => one['type'] === type && one['data'].intent === proposed.intent)
  expect(of('effect.succeeded')).toHaveLength(1)
  expect(of('effect.started').every(({ by }) => by.kind === 'runner')).toBe(true)
  expect({ action, there: await there(action, proposed.intent) }).toEqual({ action, there: 1 })
  expect((await admin().get('/api/effects'))['effects']).toEqual([])
  return of('effect.succeeded')[0]!
}

test(
  'a change becomes a pull request and a message, by the machine that holds the tokens',
  { timeout: 240_000 },
  async () => {
    const number = await begin('ship')
    await untilEnded(number)
    const receipts = (await admin().get(`/api/runs/${number}`))['receipts'] as Json[]
    expect(receipts.map((one) => [one['action'], one['receipt'].provider, one['receipt'].readBack])).toEqual([
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
    const [packet, keys] = [join(plane.folder, 'ship.zip'), join(plane.folder, 'keys.json')]
    await tell('packet', String(number), '-o', packet)
    writeFileSync(keys, await tell('keys', '--json'))
    expect(await run(machine, vpdProgram, ['audit', 'verify', packet, '--key', keys])).toMatchObject({ code: 0 })
    expect(signedBy(unzipped(readFileSync(packet)))).toEqual(expect.arrayContaining(['github', 'slack']))

    // What left the machine is told, request by request.
    const left = await run(machine, vpdProgram, ['egress', (await admin().get(`/api/runs/${number}`))['run']])
    expect(left.out).toContain(new URL(github.url).host)
    expect(left.out).toContain(new URL(slack.url).host)

    // The tokens are on the machine and nowhere else.
    const kept = readFileSync(join(machine.home, '.viewport/runner/credentials/keys.json'), 'utf8')
    const backup = join(plane.folder, 'backup.gz')
    await tell('backup', backup, '--data', plane.data)
    const elsewhere = {
      'the database': gunzipSync(readFileSync(backup)).toString('latin1'),
      'the packet': unzipped(readFileSync(packet)),
      'files of the control plane': filesIn(plane.data),
      'what programs said': server.out() + server.err() + worker.out() + worker.err() + left.out,
      'the runner, but for its keys': filesIn(join(machine.home, '.viewport'), /credentials\/keys\.json$/),
    }
    for (const token of Object.values(tokens)) {
      expect(kept).toContain(token)
      for (const [where, text] of Object.entries(elsewhere)) {
        expect(text.length, where).toBeGreaterThan(100)
        for (const form of [
          token,
          Buffer.from(token).toString('base64').slice(0, -3),
          Buffer.from(token).toString('hex'),
        ])
          expect(text.includes(form), `a token in ${where}`).toBe(false)
      }
    }
    const shown = await run(machine, vpdProgram, ['credentials'])
    expect(shown.out).toMatch(/provider +github .*\d{4}-\d\d-\d\d/)
  },
)

/** Providers of the receipts that the runner signed: its reports are in the packet as it sent them. */
const signedBy = (packet: string): string[] =>
  [...packet.matchAll(/\.(eyJ[\w-]+)(?=\.)/g)]
    .map(([, claims]) => JSON.parse(Buffer.from(claims!, 'base64url').toString('utf8')) as Json)
    .flatMap(({ report }) => (report?.type === 'effect_succeeded' ? [report.receipt.provider as string] : []))

const filesIn = (folder: string, not = /^$/): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter(
      (file) =>
        !not.test(file) && !/\/postgres|\.sock$/.test(file) && statSync(file, { throwIfNoEntry: false })?.isFile(),
    )
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n')

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
    const number = await begin(doing[action])
    await trap.caught
    worker.child.kill('SIGKILL')
    await worker.ended
    trap.letGo()
    await online()
    await untilEnded(number)
    await seesOne(action, number)
  })

  test('vpd: sent, and done there only after the restart', { timeout: 240_000 }, async () => {
    const trap = slack.trap({ is: isWrite['slack.message'], at: 'came', late: true })
    const number = await begin('say')
    await trap.caught
    worker.child.kill('SIGKILL')
    await worker.ended
    await online()
    await expect
      .poll(async () => (await factsOf(number)).some(({ type }) => type === 'effect.unknown'), { timeout: 60_000 })
      .toBe(true)
    trap.letGo()
    await untilEnded(number)
    expect(await seesOne('slack.message', number)).toMatchObject({ data: { attempt: 2, reconciled: true } })
  })

  test('the control plane, while the machine does it', { timeout: 240_000 }, async () => {
    const trap = github.trap({ is: isWrite['github.open_pr'], at: 'did' })
    const number = await begin('open')
    await trap.caught
    server.child.kill('SIGKILL')
    await server.ended
    trap.letGo()
    await up()
    await untilEnded(number)
    await seesOne('github.open_pr', number)
  })
})

test('without the credential nothing begins, and it is said what is missing where', { timeout: 120_000 }, async () => {
  expect(await run(machine, vpdProgram, ['credentials', 'remove', 'provider', 'slack'])).toMatchObject({ code: 0 })
  const number = await begin('say') // the worker still tells of it
  await expect
    .poll(async () => JSON.stringify(await factsOf(number)), { timeout: 60_000, interval: 300 })
    .toContain('a credential for slack at')
  await expect
    .poll(async () => JSON.stringify((await admin().get('/api/connections'))['connections']), {
      timeout: 100_000,
      interval: 500,
    })
    .toContain('No runner holds its credential: on one, `vpd credentials set provider slack')
})

const githubSeed = {
  tokens: {
    [tokens.github]: { login: 'viewport-acme', scopes: ['repo'] },
    [samToken]: { login: 'sam', scopes: ['repo'] },
  },
  github: {
    users: [{ login: 'viewport-acme' }, { login: 'sam' }],
    orgs: [{ login: 'acme', members: [{ login: 'viewport-acme' }, { login: 'sam' }] }],
    repos: [{ owner: 'acme', name: 'shop', auto_init: true }],
  },
}
