// What real agents ask before they run a command is decided by a person, and the answer reaches them: Codex and Gemini CLI plan to a plan gate, Claude Code's commands are
// allowed and refused with a comment, Codex' and Gemini's too; from the lease to the branch. Their model alone is played.
import { readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { localAdmin, type Json } from './testing/api.ts'
import { makePlace, ROOT } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram } from './testing/program.ts'
import { agentsAreHere as here, platform, putOnPath } from './testing/real-agents.ts'
import { startModel } from './testing/scripted-model.ts'
import { makeShopRemote } from './testing/shop-remote.ts'

const place = makePlace('asked-agents')
let model = { url: '', close: () => {} }
let remote: ReturnType<typeof makeShopRemote>
const mended = '  return Math.round((total * (100 - percentOff)) / 100)'
const inPattern = (text: string): string => text.replaceAll('+', '\\+')
/** It edits, asks to count one thing, which is allowed, and another, which is refused. */
const works = (match: string, command: string, other: string) => [
  // What it is told once a person has decided begins a talk of its own.
  {
    match: `${inPattern(command)}\\n\\nIt is allowed`,
    turns: [{ do: [{ sh: command }] }, { text: 'Counting otherwise.', do: [{ sh: other }] }],
  },
  { match: `${inPattern(other)}\\n\\nIt was refused`, turns: [{ text: 'The order is rounded once now.' }] },
  {
    match,
    turns: [
      { do: [{ read: 'src/price.js' }] },
      { text: 'Rounding once.', do: [{ edit: 'src/price.js', old: '  return total', new: mended }] },
      {
        do: [
          {
            edit: 'src/price.js',
            old: '    total += Math.round((cents * (100 - percentOff)) / 100) * quantity',
            new: '    total += cents * quantity',
          },
        ],
      },
      { text: 'Counting.', do: [{ sh: command }] },
    ],
  },
]

const plan = '# Round once\n\n1. Round the whole order, once.\n\n## Files\n\n- `src/price.js`\n'
const script = {
  usage: { input: 1000, output: 50, cached: 200 },
  conversations: [
    {
      match: 'CODEX-PLANS',
      turns: [
        { text: 'Looking.', do: [{ read: 'src/price.js' }] },
        { text: `Here it is.\n<proposed_plan>\n${plan}\n</proposed_plan>` },
      ],
    },
    { match: 'GEMINI-PLANS', turns: [{ text: 'Looking.', do: [{ read: 'src/price.js' }] }, { text: plan }] },
    ...works('CLAUDE-WORKS', 'node -p 12345+11111', 'node -p 31415+27182'),
    ...works('GEMINI-WORKS', 'node -p 22222+11111', 'node -p 16180+33988'),
    {
      match: '44444\\+11111\\n\\nIt is allowed',
      turns: [{ do: [{ sh: 'node -p 44444+11111' }] }, { text: 'It is counted.' }],
    },
    { match: 'CODEX-READS', turns: [{ text: 'Counting.', do: [{ sh: 'node -p 44444+11111' }] }] },
  ],
}
const models = { claude: 'claude-haiku-4-5', codex: 'gpt-5.5', gemini: 'gemini-2.5-pro' }
const workflow = (planner: 'codex' | 'gemini', worker: 'claude' | 'gemini') => `name: ${planner}-plans
team: core
trigger: { manual: {} }
repos: [acme/shop]
steps:
  - { id: plan, agent: ${planner}, model: ${models[planner]}, mode: plan, prompt: ${planner.toUpperCase()}-PLANS }
  - { gate: plan_review, of: plan }
  - { id: implement, agent: ${worker}, model: ${models[worker]}, mode: edit, follows: plan, prompt: ${worker.toUpperCase()}-WORKS }
  - { id: verify, run: ["npm test"] }
  - { id: look, agent: codex, model: ${models.codex}, mode: read, prompt: CODEX-READS }
  - { gate: pr_approval, of: implement }
  - { action: git.open_change, of: implement }
runner: { pool: local }
`
const tell = async (...words: string[]): Promise<string> => {
  const ended = await run(place, viewportProgram, words, { VIEWPORT_DATA_DIR: place.data })
  expect({ words, ...ended }).toMatchObject({ code: 0 })
  return ended.out
}
const requests = (): string => readFileSync(join(place.folder, 'requests.jsonl'), 'utf8')

beforeAll(async () => {
  if (!here) return
  putOnPath(place)
  symlinkSync(
    join(ROOT, 'e2e/agents/node_modules/@google/gemini-cli/bundle/gemini.js'),
    join(place.folder, 'bin/gemini'),
  )
  model = await startModel(place, script, Object.values(models))
  remote = makeShopRemote(place)
  await start(place, viewportProgram, ['up', '--port', '0', '--data', place.data]).says(/Ctrl-C stops everything/)
  const [, me = ''] = /^(@\S+)/.exec(await tell('people'))!
  await tell('teams', 'add', 'core', '--name', 'Core')
  await tell('people', 'change', me, '--team', 'core')
  await tell('repositories', 'add', 'acme/shop', remote.url)
  const env = {
    ANTHROPIC_API_KEY: 'sk-ant-real-key-of-the-team-7341',
    OPENAI_API_KEY: 'sk-real-key-of-the-team-8452',
    GEMINI_API_KEY: 'AIza-real-key-of-the-team-9563',
    ANTHROPIC_BASE_URL: model.url,
    OPENAI_BASE_URL: `${model.url}/v1`,
    GOOGLE_GEMINI_BASE_URL: model.url,
  }
  const pairing = start(place, vpdProgram, ['pair', '--worker', '--name', 'acme-server'], env)
  const [, code = ''] = await pairing.says(/code: (\S+)/)
  const [, words = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  await tell('runners', 'approve', code, '--words', words, '--pool', 'local', '--repo', 'acme/shop')
  expect((await pairing.ended).out).toMatch(/detected: .*claude-code.*codex.*gemini/)
  await start(place, vpdProgram, ['worker', 'start'], env).says(/online/)
}, 180_000)
afterAll(() => {
  model.close()
  endAllOf(place.folder)
  place.remove()
})

const refusal = 'Not on this machine: add them by hand.'

test.skipIf(!here).each([
  { planner: 'codex', worker: 'claude', sums: ['23456', '58597', '55555'] },
  { planner: 'gemini', worker: 'gemini', sums: ['33333', '50168', '55555'] },
] as const)(
  `$planner plans, $worker implements, what they ask is decided${here ? '' : `: no binaries for ${platform}`}`,
  { timeout: 300_000 },
  async ({ planner, worker, sums }) => {
    const file = join(place.folder, `${planner}.workflow.yaml`)
    writeFileSync(file, workflow(planner, worker))
    await tell('workflows', 'save', file, '--enable')
    const admin = localAdmin(place.data)
    const { number } = await admin.send('POST', '/api/runs', {
      workflow: `${planner}-plans`,
      title: 'One cent too much',
    })

    expect(await decide(number, 'plan', { verdict: 'approve' })).toMatchObject({ agent: planner })
    const asked = await decide(number, 'command', { verdict: 'approve' })
    expect(JSON.stringify(asked)).toContain(worker === 'claude' ? 'node -p 12345+11111' : 'node -p 22222+11111')
    await decide(number, 'command', { verdict: 'reject', comment: refusal })
    await decide(number, 'command', { verdict: 'approve' })
    expect(JSON.stringify(await decide(number, 'change', { verdict: 'approve' }))).toContain('src/price.js')
    expect(await start(place, viewportProgram, ['runs', String(number), '--follow']).ended).toMatchObject({ code: 0 })

    // What was allowed ran, and its sum went to the model; what was refused never ran.
    const told = requests()
    expect([...sums, refusal].map((text) => told.includes(text))).toEqual([true, false, true, true])
    const { facts } = await admin.get(`/api/runs/${number}/facts`)
    const of = (type: string): Json[] =>
      facts.map(({ text }: { text: string }) => JSON.parse(text)).filter((fact: Json) => fact.type === type)
    const versions = of('step.started').flatMap(({ data }: Json) => (data.agent ? [data.agent.name] : []))
    expect([...new Set(versions)]).toEqual([...new Set([planner, worker, 'codex'])])
    expect(of('gate.opened').map(({ data }: Json) => data.kind)).toEqual([
      'plan',
      'command',
      'command',
      'command',
      'change',
    ])
    const branches = remote.git('for-each-ref', '--format=%(refname)', 'refs/heads/vp').split('\n')
    expect(branches.some((branch) => remote.git('show', `${branch}:src/price.js`).includes(mended))).toBe(true)
  },
)

/** Decides the next gate of this kind of this run, as soon as it waits; what its card showed. */
async function decide(number: number, kind: string, how: object): Promise<Json> {
  const admin = localAdmin(place.data)
  let gate = ''
  const look = async (): Promise<string> => {
    const { facts } = await admin.get(`/api/runs/${number}/facts`)
    const failed = facts.map(({ text }: { text: string }) => text).find((text: string) => /"step.failed"/.test(text))
    if (failed !== undefined) throw new Error(failed)
    const open = (await admin.get('/api/inbox')).open as Json[]
    return (gate = open.find((one) => one.kind === kind && one.number === number)?.gate ?? '')
  }
  await expect.poll(look, { timeout: 120_000 }).not.toBe('')
  const card = await admin.get(`/api/gates/${gate}`)
  await admin.send('POST', `/api/gates/${gate}/decisions`, { ...how, digest: card.digest })
  return card
}
