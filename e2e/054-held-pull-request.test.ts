// The token of GitHub lies on a machine of the customer alone, and a pull request is followed all the same: vpd opens it, looks at it when the control plane asks, and brings
// back what people and checks said. A review sends the agent back, a failed check does so again, the merge ends the run; vpd and the control plane are killed in the middle of looks.
// One comment below the issue says how it goes. GitHub is emulate's program with real git behind it, behind a recording proxy of ours; everything else is real.
import { spawn } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { gunzipSync } from 'node:zlib'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { localAdmin, type Caller, type Json } from './testing/api.ts'
import { hubTokens, openGithubFront, type GithubFront } from './testing/github-front.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { listen, run, start, viewportProgram, vpdProgram, type Running } from './testing/program.ts'
import { openProviderProxy, type Passed, type ProviderProxy } from './testing/provider-proxy.ts'
import { makeShopRemote, type ShopRemote } from './testing/shop-remote.ts'
import { acceptBareRunners } from './testing/without-wall.ts'

const [plane, machine] = [makePlace('followed-plane'), makePlace('followed-machine')]
const settings = { VIEWPORT_DATA_DIR: plane.data, VIEWPORT_NEAR_HOSTS: '127.0.0.1' }
const repo = 'acme/shop'
let server: Running
let worker: Running
let hub: GithubFront
let github: ProviderProxy
let remote: ShopRemote

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
const kept = async (): Promise<void> => {
  const words = ['credentials', 'set', 'provider', 'github', '--url', github.url]
  const child = spawn(process.execPath, [vpdProgram, ...words], {
    cwd: machine.folder,
    env: machine.env,
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  child.stdin.end(hubTokens.us)
  expect(await listen(child).ended).toMatchObject({ code: 0 })
}

beforeAll(async () => {
  remote = makeShopRemote(plane)
  hub = await openGithubFront(plane, { [repo]: remote.url.replace('file://', '') })
  github = await openProviderProxy(hub.url)
  await up()
  await tell('people', 'add', 'kim', '--name', 'kim')
  await tell(
    'people',
    'link',
    '@kim',
    (await hub.account('kim')).replace(new URL(hub.url).host, new URL(github.url).host),
  )
  await tell('repositories', 'add', repo, remote.url)
  await tell('connect', 'github', '--on-runner', '--set', `base=${github.url}`)
  writeMender()
  const pairing = start(machine, vpdProgram, ['pair', '--worker', '--server', admin().url])
  const [, said = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  const [, code = ''] = /code: (\S+)/.exec(pairing.out())!
  await tell('runners', 'approve', code, '--words', said, '--pool', 'default', '--repo', repo)
  expect(await pairing.ended).toMatchObject({ code: 0 })
  await kept()
  await online()
  await acceptBareRunners(plane)
  const file = join(plane.folder, 'mend.yaml')
  writeFileSync(
    file,
    `name: mend
trigger: manual
repos: [${repo}]
approvals: []
steps:
  - { id: mend, mode: edit, agent: mender, prompt: "Mend it." }
  - { action: github.open_pr, title: "Mend the price" }
`,
  )
  await tell('workflows', 'save', file, '--enable')
}, 240_000)
afterAll(async () => {
  for (const place of [machine, plane]) endAllOf(place.folder)
  for (const one of [github, hub]) await one?.close()
  for (const place of [machine, plane]) place.remove()
})

/** The change is what the agent was told, so that it is seen in git what reached it. */
const writeMender = (): void => {
  const own = join(machine.home, '.viewport/runner')
  mkdirSync(own, { recursive: true })
  const mender = join(machine.folder, 'mender')
  writeFileSync(mender, '#!/bin/sh\nset -e\n{ cat; cat /proc/sys/kernel/random/uuid; } > price.txt\n')
  chmodSync(mender, 0o755)
  writeFileSync(
    join(own, 'policy.yaml'),
    `commands: { mender: { argv: ["${mender}"], prompt: stdin, modes: [edit] } }\nwalls: { read: ["${machine.folder}"] }\n`,
  )
}

const viewOf = (number: number): Promise<Json> => admin().get(`/api/runs/${number}`)
const factsOf = async (number: number): Promise<Json[]> =>
  (await admin().get(`/api/runs/${number}/facts`))['facts'].map(
    ({ text }: { text: string }) => JSON.parse(text) as Json,
  )
const until = async (number: number, what: string, isSo: (view: Json) => boolean | Promise<boolean>): Promise<Json> => {
  for (const deadline = Date.now() + 200_000; ; await sleep(300)) {
    const view = await viewOf(number).catch((): Json => ({}))
    if (view['run'] && (await isSo(view))) return view
    if (Date.now() > deadline) {
      const facts = (await factsOf(number)).slice(-8).map(({ type, data }) => [type, data])
      throw new Error(
        `${what} did not come: ${JSON.stringify({ pull: view['pull'], facts })}\n${worker.out()}${worker.err()}`,
      )
    }
  }
}
const pullOf = async (): Promise<Json> => {
  const all = (await hub.ask('GET', `/repos/${repo}/pulls?state=all&per_page=100`)) as unknown as Json[]
  expect(all).toHaveLength(1)
  return hub.ask('GET', `/repos/${repo}/pulls/${all[0]!['number']}`)
}
const shows = async (): Promise<string> => remote.git('show', `${(await pullOf())['head'].sha}:price.txt`)
const ended = (view: Json): boolean => view['outcome'] === 'succeeded'
const isLook = ({ method, path }: Passed): boolean => method === 'GET' && /\/pulls\/\d+$/.test(path)

test(
  'a pull request of a runner is followed by it: reviewed, failed, merged, with a kill of each program in between',
  { timeout: 900_000 },
  async () => {
    const number = (await admin().send('POST', '/api/runs', { workflow: 'mend', title: 'go' }))['number'] as number
    await until(number, 'the pull request', ended)
    const pull = await pullOf()
    expect(await shows()).not.toContain('Round down')

    // vpd dies in the middle of the look that would have found the review: the next one finds it.
    await hub.ask(
      'POST',
      `/repos/${repo}/pulls/${pull['number']}/reviews`,
      { body: 'Round down, please.', event: 'REQUEST_CHANGES' },
      hubTokens.kim,
    )
    const first = github.trap({ is: isLook, at: 'did' })
    await first.caught
    worker.child.kill('SIGKILL')
    await worker.ended
    first.letGo()
    await online()
    await until(
      number,
      'the version that the review wants',
      async (view) => ended(view) && (await shows()).includes('Round down'),
    )
    const reviewed = (await factsOf(number)).filter(({ type }) => type === 'review.heard')
    expect(reviewed).toMatchObject([
      { by: { kind: 'runner' }, data: { name: '@kim', acted: true, text: 'Round down, please.' } },
    ])

    // The control plane dies while the runner looks: what the runner brings back is nobody's any more, and it is sent again.
    const sha = (await pullOf())['head'].sha as string
    const check = { name: 'unit', head_sha: sha, status: 'completed', conclusion: 'failure' }
    await hub.ask('POST', `/repos/${repo}/check-runs`, check)
    const second = github.trap({ is: isLook, at: 'did' })
    await second.caught
    server.child.kill('SIGKILL')
    await server.ended
    second.letGo()
    await up()
    await until(
      number,
      'the version that the check wants',
      async (view) => ended(view) && (await shows()).includes('unit ended with failure'),
    )
    const failed = (await factsOf(number)).filter(({ type, data }) => type === 'checks.heard' && data.acted)
    expect(failed).toMatchObject([
      { by: { kind: 'runner' }, data: { head: sha, failed: [{ name: expect.any(String) }] } },
    ])

    // An approval of Kim is told, and is no vote of anybody; the merge ends it.
    const head = (await pullOf())['head'].sha as string
    await hub.ask(
      'POST',
      `/repos/${repo}/pulls/${pull['number']}/reviews`,
      { body: '', event: 'APPROVE' },
      hubTokens.kim,
    )
    await hub.ask('PUT', `/repos/${repo}/pulls/${pull['number']}/merge`, { sha: head }, hubTokens.kim)
    const view = await until(number, 'the merge', ({ pull: seen }) => seen?.state === 'merged')
    expect(view).toMatchObject({ outcome: 'succeeded', pull: { state: 'merged' } })
    const facts = await factsOf(number)
    expect(facts.filter(({ type }) => type === 'pull.merged')).toMatchObject([{ by: { kind: 'runner' } }])
    expect(facts.filter(({ type }) => type === 'decision.made')).toEqual([])

    // One pull request, three versions; the packet of it all verifies; the token is on the machine alone.
    expect(facts.filter(({ type }) => type === 'run.resumed')).toHaveLength(2)
    const [packet, keys, backup] = ['run.zip', 'keys.json', 'backup.gz'].map((name) => join(plane.folder, name)) as [
      string,
      string,
      string,
    ]
    await tell('packet', String(number), '-o', packet)
    writeFileSync(keys, await tell('keys', '--json'))
    expect(await run(machine, vpdProgram, ['audit', 'verify', packet, '--key', keys])).toMatchObject({ code: 0 })
    await tell('backup', backup, '--data', plane.data)
    expect(gunzipSync(readFileSync(backup)).includes(hubTokens.us)).toBe(false)
    for (const name of readdirSync(plane.data, { recursive: true, encoding: 'utf8' })) {
      const file = join(plane.data, name)
      if (!name.includes('postgres') && statSync(file, { throwIfNoEntry: false })?.isFile())
        expect(readFileSync(file, 'latin1').includes(hubTokens.us), name).toBe(false)
    }
    const left = await run(machine, vpdProgram, ['egress', view['run'] as string])
    expect(left.out).toContain('github.watch')
  },
)
