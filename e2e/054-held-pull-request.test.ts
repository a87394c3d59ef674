// The token of GitHub lies on a machine of the customer alone, and a pull request is followed all the same: vpd opens it, looks at it when the control plane asks, and brings
// back what people and checks said. A review sends the agent back, a failed check does so again, the merge ends the run; vpd and the control plane are killed in the middle of looks.
// GitHub is emulate's program with real git behind it, behind a recording proxy of ours; everything else is real.
import { afterAll, beforeAll, expect, test } from 'vitest'

import type { Json } from './testing/api.ts'
import { hubTokens, openGithubFront, type GithubFront } from './testing/github-front.ts'
import { openHeldPlane, type HeldPlane } from './testing/held-plane.ts'
import { openProviderProxy, type Passed, type ProviderProxy } from './testing/provider-proxy.ts'

const repo = 'acme/shop'
let held: HeldPlane
let hub: GithubFront
let github: ProviderProxy

beforeAll(async () => {
  held = await openHeldPlane('followed', { told: true })
  hub = await openGithubFront(held.plane, { [repo]: held.remote.url.replace('file://', '') })
  github = await openProviderProxy(hub.url)
  const kim = (await hub.account('kim')).replace(new URL(hub.url).host, new URL(github.url).host)
  await held.tell('people', 'add', 'kim', '--name', 'kim')
  await held.tell('people', 'link', '@kim', kim)
  await held.connect({ tool: 'github', url: github.url, token: hubTokens.us })
  await held.online()
  await held.save(
    'mend',
    `trigger: manual
steps:
  - { id: mend, mode: edit, agent: mender, prompt: "Mend it." }
  - { action: github.open_pr, title: "Mend the price" }
`,
  )
}, 240_000)
afterAll(async () => {
  await held?.close()
  for (const one of [github, hub]) await one?.close()
})

const pullOf = async (): Promise<Json> => {
  const all = (await hub.ask('GET', `/repos/${repo}/pulls?state=all&per_page=100`)) as unknown as Json[]
  expect(all).toHaveLength(1)
  return hub.ask('GET', `/repos/${repo}/pulls/${all[0]!['number']}`)
}
const shows = async (): Promise<string> => held.remote.git('show', `${(await pullOf())['head'].sha}:price.txt`)
const ended = (view: Json): boolean => view['outcome'] === 'succeeded'
const isLook = ({ method, path }: Passed): boolean => method === 'GET' && /\/pulls\/\d+$/.test(path)

test(
  'a pull request of a runner is followed by it: reviewed, failed, merged, with a kill of each program in between',
  { timeout: 900_000 },
  async () => {
    const number = await held.begin('mend')
    await held.until(number, 'the pull request', ended)
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
    await held.killed('vpd', first.letGo)
    await held.until(
      number,
      'the version that the review wants',
      async (view) => ended(view) && (await shows()).includes('Round down'),
    )
    const reviewed = (await held.facts(number)).filter(({ type }) => type === 'review.heard')
    expect(reviewed).toMatchObject([
      { by: { kind: 'runner' }, data: { name: '@kim', acted: true, text: 'Round down, please.' } },
    ])

    // The control plane dies while the runner looks: what the runner brings back is nobody's any more, and it is sent again.
    const sha = (await pullOf())['head'].sha as string
    const check = { name: 'unit', head_sha: sha, status: 'completed', conclusion: 'failure' }
    await hub.ask('POST', `/repos/${repo}/check-runs`, check)
    const second = github.trap({ is: isLook, at: 'did' })
    await second.caught
    await held.killed('plane', second.letGo)
    await held.until(
      number,
      'the version that the check wants',
      async (view) => ended(view) && (await shows()).includes('unit ended with failure'),
    )
    const failed = (await held.facts(number)).filter(({ type, data }) => type === 'checks.heard' && data.acted)
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
    const view = await held.until(number, 'the merge', ({ pull: seen }) => seen?.state === 'merged')
    expect(view).toMatchObject({ outcome: 'succeeded', pull: { state: 'merged' } })
    const facts = await held.facts(number)
    expect(facts.filter(({ type }) => type === 'pull.merged')).toMatchObject([{ by: { kind: 'runner' } }])
    expect(facts.filter(({ type }) => type === 'decision.made')).toEqual([])

    // One pull request, three versions; the packet of it all verifies; the token is on the machine alone.
    expect(facts.filter(({ type }) => type === 'run.resumed')).toHaveLength(2)
    const packet = await held.packet(number)
    const left = await held.vpd('egress', view['run'] as string)
    expect(left.out).toContain('github.watch')
    await held.onMachineAlone([hubTokens.us], { 'the packet': packet, 'what left': left.out })
  },
)
