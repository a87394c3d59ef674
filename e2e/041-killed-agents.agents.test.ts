// The real Claude Code and the real Codex, killed -9 in the middle of their steps, and vpd killed -9 under them: the run asks, goes on in the
// session of the agent with what the reviewer wrote, in a home that is new each time, and pushes what was approved, once.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { localAdmin, type Json } from './testing/api.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf, processesOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Running } from './testing/program.ts'
import { agentsAreHere as here, platform, putOnPath, type RealAgent } from './testing/real-agents.ts'
import { startModel } from './testing/scripted-model.ts'
import { makeShopRemote, type ShopRemote } from './testing/shop-remote.ts'
import { openValve, type Valve } from './testing/valve.ts'

const place = makePlace('killed-agents')
const patience = { timeout: 120_000, interval: 200 }
const models = { claude: 'claude-haiku-4-5', codex: 'gpt-5.5' }
const [first, second] = ['  return Math.round(total)', '  return Math.floor(total)']
const comment = 'Please round down, the till does so too.'
const script = {
  conversations: [
    {
      match: '## Revise',
      turns: [
        { text: 'Looking again.', do: [{ read: 'src/price.js' }] },
        { text: 'Revising.', do: [{ edit: 'src/price.js', old: first, new: second }] },
        { text: 'It is rounded down, as you wished.' },
      ],
    },
    {
      match: '(^|\n)# Work\n',
      turns: [
        { text: 'Looking at it.', do: [{ read: 'src/price.js' }] },
        { text: 'Rounding at the end.', do: [{ edit: 'src/price.js', old: '  return total', new: first }] },
        { text: 'It is rounded at the end: the first version by Ada.' },
      ],
    },
  ],
}
const workflowOf = (agent: RealAgent): string => `name: mend-${agent}
trigger: { manual: {} }
repos: [acme/shop]
steps:
  - { id: mend, agent: ${agent}, model: ${models[agent]}, mode: edit, prompt: "Mend {{ trigger.title }}." }
  - { id: check, run: ["true"], of: mend, baseline: false }
  - { gate: pr_approval, of: mend }
  - { action: git.open_change, of: mend }
runner: { pool: local }
`
let remote: ShopRemote
let valve: Valve
let worker: Running
let home = place.home
let model = { url: '', close: () => {} }

beforeAll(async () => {
  if (!here) return
  putOnPath(place)
  model = await startModel(place, script, Object.values(models))
  valve = await openValve(model.url)
  remote = makeShopRemote(place)
  await start(place, viewportProgram, ['up', '--port', '0', '--data', place.data]).says(/Ctrl-C stops everything/)
  await tell('repositories', 'add', 'acme/shop', remote.url)
  const pairing = start(place, vpdProgram, ['pair', '--worker', '--name', 'acme-server'], envOf())
  const [, code = ''] = await pairing.says(/code: (\S+)/)
  const [, words = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  await tell('runners', 'approve', code, '--words', words, '--pool', 'local', '--repo', 'acme/shop')
  expect(await pairing.ended).toMatchObject({ code: 0 })
  await startWorker()
  for (const agent of ['claude', 'codex'] as const) {
    const file = join(place.folder, `${agent}.yaml`)
    writeFileSync(file, workflowOf(agent))
    await tell('workflows', 'save', file, '--enable')
  }
}, 180_000)
afterAll(() => {
  model.close()
  valve?.close()
  endAllOf(place.folder)
  place.remove()
})

test.skipIf(!here).each(['claude', 'codex'] as const)(
  `%s is killed, vpd is killed, and the work goes on with the reviewer's words${here ? '' : `: no binaries for ${platform}`}`,
  { timeout: 400_000, retry: 0 }, // what it kills is not there a second time
  async (agent) => {
    const admin = localAdmin(place.data)
    const { number } = await admin.send('POST', '/api/runs', {
      workflow: `mend-${agent}`,
      title: `the price (${agent})`,
    })
    const homes: string[] = []

    // Round 1: it has edited its files and asks its model what to do next. There it dies.
    await valve.hold((body) => body.includes('Rounding at the end.'))
    homes.push(...killAgent(agent))
    expect(await failureOf(number)).toMatchObject([expect.stringMatching(/^agent_(killed|failed)$/)])
    valve.release()
    await decide(number, 'question', { verdict: 'answer', answer: { choice: 'again', text: null } })
    // The reviewer wants something else.
    const { subject } = await decide(number, 'change', { verdict: 'request_changes', comment, lines: [] })
    expect(JSON.stringify(subject)).toContain('src/price.js')

    // Round 2: with the comment before it, it is killed again ...
    await askedAgain()
    homes.push(...killAgent(agent))
    valve.release()
    await decide(number, 'question', { verdict: 'answer', answer: { choice: 'again', text: null } })
    // ... and then vpd is, with everything it had started.
    await askedAgain()
    homes.push(...agentsOf(agent).map(({ home: theirs }) => theirs))
    expect(homes).toHaveLength(3)
    worker.child.kill('SIGKILL')
    await worker.ended
    await expect.poll(() => agentsOf(agent), patience).toEqual([])
    valve.release()
    // A person's home may be another one by then too.
    const moved = join(place.folder, `home-${agent}`)
    renameSync(home, moved)
    home = moved
    const asked = requests().length
    await startWorker()
    await decide(number, 'question', { verdict: 'answer', answer: { choice: 'again', text: null } })

    await decide(number, 'change', { verdict: 'approve' })
    await expect.poll(async () => (await admin.get(`/api/runs/${number}`))['outcome'], patience).toBe('succeeded')
    const facts = await factsOf(number)
    const started = facts.filter(({ type, data }) => type === 'step.started' && data['step'] === 'mend')
    expect(started.map(({ data }) => [data['agent'].name, data['resumed']])).toEqual([
      [agent, false], // killed
      [agent, false], // the first version
      [agent, true], // with the comment, killed
      [agent, true], // with the comment, vpd killed
      [agent, true],
    ])
    expect(facts.filter(({ type }) => type === 'step.lost')).toHaveLength(1)
    // In its last attempt it knew what it had said in round 1 and what was asked of it since.
    const told = JSON.stringify(requests().slice(asked))
    expect(told).toContain('the first version by Ada')
    expect(told).toContain(comment)
    expect(new Set(homes).size).toBe(3)

    const { ref } = facts.find(({ type }) => type === 'change.opened')!.data
    expect(remote.git('show', `${ref}:src/price.js`)).toContain(second)
    expect(remote.git('reflog', 'show', '--format=%H', ref).split('\n')).toHaveLength(1)
    const [keys, packet] = [join(place.folder, `${number}.keys.json`), join(place.folder, `${number}.packet.zip`)]
    await tell('keys', '-o', keys)
    await tell('packet', String(number), '-o', packet)
    expect(await run(place, vpdProgram, ['audit', 'verify', packet, '--key', keys])).toMatchObject({ code: 0 })
    expect(agentsOf(agent)).toEqual([])
  },
)

const envOf = (): Record<string, string> => ({
  HOME: home,
  ANTHROPIC_API_KEY: 'sk-ant-key-of-the-team-7341',
  OPENAI_API_KEY: 'sk-key-of-the-team-8452',
  ANTHROPIC_BASE_URL: valve.url,
  OPENAI_BASE_URL: `${valve.url}/v1`,
})
const startWorker = async (): Promise<void> => {
  worker = start(place, vpdProgram, ['worker', 'start'], envOf())
  await worker.says(/online/)
}
const tell = async (...words: string[]): Promise<void> => {
  const ended = await run(place, viewportProgram, words, { VIEWPORT_DATA_DIR: place.data, HOME: home })
  expect({ words, ...ended }).toMatchObject({ code: 0 })
}
type Fact = { type: string; data: Json }
const factsOf = async (number: number): Promise<Fact[]> =>
  (await localAdmin(place.data).get(`/api/runs/${number}/facts`))['facts'].map(
    ({ text }: { text: string }) => JSON.parse(text) as Fact,
  )
/** The code of the failure, as soon as there is one. */
const failureOf = async (number: number): Promise<string[]> => {
  let found: string[] = []
  const look = async (): Promise<string[]> =>
    (found = (await factsOf(number))
      .filter(({ type }) => type === 'step.failed')
      .map(({ data }) => String(data['failure'].code)))
  await expect.poll(look, patience).not.toEqual([])
  return found
}

/** Its processes, with the home of each; not what one of them makes of itself for a moment, before that becomes another program. */
const agentsOf = (agent: RealAgent): { pid: number; home: string }[] => {
  const found = processesOf(place.folder).filter(({ words }) => words.split(' ')[0]?.split('/').at(-1) === agent)
  const parents = new Set(found.map(({ pid }) => pid))
  return found.flatMap(({ pid }) => {
    try {
      const [, parent] = /^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
      if (parents.has(Number(parent))) return []
      return [{ pid, home: /(?:^|\0)HOME=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1] ?? '' }]
    } catch {
      return [] // it ended between the two looks
    }
  })
}
/** SIGKILL, to it alone; its home. */
const killAgent = (agent: RealAgent): string[] => {
  const [found] = agentsOf(agent)
  if (!found) throw new Error(`No process of ${agent} is there to be killed.`)
  process.kill(found.pid, 'SIGKILL')
  return [found.home]
}
/** It asks its model for the first time since the comment. */
const askedAgain = (): Promise<void> => valve.hold((body) => body.includes(comment))
const requests = (): Json[] =>
  readFileSync(join(place.folder, 'requests.jsonl'), 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Json)

/** Decides the gate of this kind of the run, as soon as it waits; what its card showed. */
const decide = async (number: number, kind: string, decision: Json): Promise<Json> => {
  const admin = localAdmin(place.data)
  let gate = ''
  await expect
    .poll(async () => {
      const { open } = await admin.get('/api/inbox')
      const found = (open as Json[]).filter((one) => one['number'] === number)
      if (found.some((one) => one['kind'] !== kind)) throw new Error(JSON.stringify(found))
      return (gate = found[0]?.['gate'] ?? '')
    }, patience)
    .not.toBe('')
  const card = await admin.get(`/api/gates/${gate}`)
  await admin.send('POST', `/api/gates/${gate}/decisions`, { ...decision, digest: card['digest'] })
  return card
}
