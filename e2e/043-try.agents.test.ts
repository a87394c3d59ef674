// `viewport try` with the real Claude Code, Codex and Gemini CLI on somebody's own repository: an address to sign in with, both decisions over it, the
// branch; with a key, and with the login of a subscription. Their model alone is played, and it is the only one that is told anything.
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, describe, expect, test } from 'vitest'

import { addressIn, localAdmin, type Json } from './testing/api.ts'
import { makeOwnRepository, type OwnRepository } from './testing/own-repository.ts'
import { makePlace, type Place } from './testing/place.ts'
import { endAllOf, processesOf } from './testing/processes.ts'
import { run, vpdProgram } from './testing/program.ts'
import { platform, realAgents } from './testing/real-agents.ts'
import { startModel } from './testing/scripted-model.ts'
import { talk, type Talking } from './testing/talk.ts'

const task = 'Three mugs with 10 % off cost one cent too much'
const mended = '  return Math.round((total * (100 - percentOff)) / 100)'
const plan = '# Round once\n\n1. Round the whole order, once.\n\n## Files\n\n- `src/price.js`\n'

/** What a model does with the work and with the plan; `planned`: how the agent is handed a plan. */
const scriptWith = (planned: object): object => ({
  usage: { input: 1000, output: 50, cached: 200 },
  conversations: [
    {
      match: '(^|\n)# Work\n',
      turns: [
        { text: 'Rounding once.', do: [{ read: 'src/price.js' }] },
        { do: [{ edit: 'src/price.js', old: '  return total', new: mended }] },
        {
          do: [
            {
              edit: 'src/price.js',
              old: '    total += Math.round((cents * (100 - percentOff)) / 100) * quantity',
              new: '    total += cents * quantity',
            },
          ],
        },
        { text: 'The order is rounded once now.' },
      ],
    },
    { match: '(^|\n)# Plan\n', turns: [{ text: 'Looking.', do: [{ read: 'src/price.js' }] }, planned] },
  ],
})

type Agent = {
  readonly name: keyof typeof realAgents
  readonly planned: object
  /** A model that its provider lists, for agents that look at the list. */
  readonly models: string[]
  /** It lets a model choose another one for each prompt. */
  readonly choosesModels: boolean
  readonly env: (url: string, key: string) => Record<string, string>
}
const agents: Agent[] = [
  {
    name: 'claude',
    choosesModels: false,
    planned: { do: [{ proposePlan: plan }] },
    models: ['claude-haiku-4-5'],
    env: (url, key) => ({ ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: url }),
  },
  {
    name: 'codex',
    choosesModels: false,
    planned: { text: `Here it is.\n<proposed_plan>\n${plan}\n</proposed_plan>` },
    models: ['gpt-6.1-sol', 'gpt-5.5'],
    env: (url, key) => ({ OPENAI_API_KEY: key, OPENAI_BASE_URL: `${url}/v1` }),
  },
  {
    name: 'gemini',
    choosesModels: true,
    planned: { text: plan },
    models: ['gemini-2.5-pro'],
    env: (url, key) => ({ GEMINI_API_KEY: key, GOOGLE_GEMINI_BASE_URL: url }),
  },
]

type Ground = { place: Place; repository: OwnRepository; model: { url: string; close(): void } }
const grounds: Ground[] = []
afterAll(() => {
  for (const { place, model } of grounds) {
    model.close()
    endAllOf(place.folder)
    place.remove()
  }
})

/** A place with this agent on its PATH, a repository, and a model that plays it. */
const groundFor = async ({ name, planned, models }: Agent, host = '127.0.0.1'): Promise<Ground> => {
  const place = makePlace(`try-${name}`)
  const bin = join(place.folder, 'bin')
  mkdirSync(bin)
  symlinkSync(realAgents[name], join(bin, name))
  place.env['PATH'] = `${bin}:${place.env['PATH']}`
  const repository = makeOwnRepository(place)
  const ground = { place, repository, model: await startModel(place, scriptWith(planned), models, host) }
  grounds.push(ground)
  return ground
}

const told = ({ place }: Ground): string => readFileSync(join(place.folder, 'requests.jsonl'), 'utf8')

/** The models that did the work: of requests that were a part of it, by their body or their path. */
const modelsOf = (ground: Ground): string[] =>
  told(ground)
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Json)
    .filter((one) => JSON.stringify(one).includes('# Work'))
    .map((one) => String(one['body']?.model ?? /models\/([^:]+):/.exec(String(one['url'] ?? one['path']))?.[1] ?? ''))

describe.each(agents)('$name', (agent) => {
  const here = existsSync(realAgents[agent.name])
  test.skipIf(!here)(
    `does one task on a repository of one's own${here ? '' : `: no binary for ${platform}`}`,
    { timeout: 300_000 },
    async () => {
      const ground = await groundFor(agent)
      const { place, repository, model } = ground
      const before = repository.everything()
      const key = `real-key-of-the-owner-of-${agent.name}-6218`
      const words = ['try', repository.folder, task, '--agent', agent.name, '--data', place.data, '--port', '0']
      const trying = talk(place, words, agent.env(model.url, key))
      await trying.says(/Press Enter to go on/)
      expect(trying.out()).toMatch(new RegExp(`Agent +${agent.name} \\d+\\.\\d+\\.\\d+`))
      const cost = agent.choosesModels
        ? /Cost +about \d\.\d\d to \d\.\d\d USD, by the model it takes .*a guess.*stopped at 5 USD/
        : /Cost +about \d\.\d\d USD with (\S+), which \w+ usually takes .*a guess.*stopped at 5 USD/
      expect(trying.out()).toMatch(cost)
      expect(trying.out()).toMatch(/Leaves +nothing by the gateway: its model is on this machine \(127\.0\.0\.1:\d+\)/)
      expect(existsSync(place.data)).toBe(false)
      trying.type('')

      await trying.says(/sign-in#\S+ .*signs in @/, 120_000)
      await signIn(place, addressIn(trying.out()))
      await decideBoth(place, trying, () => expect(repository.everything()).toEqual(before))
      await trying.says(/Make this a workflow\?/, 120_000)
      trying.type('')
      expect(await trying.ended).toMatchObject({ code: 0 })

      await branchHolds(trying, repository)
      expect(told(ground)).toContain('Three mugs')
      // What it was reckoned with is what this version of the agent really asked for when nobody named a model.
      const [, usual = ''] = cost.exec(trying.out()) ?? []
      const asked = [...new Set(modelsOf(ground).map((one) => one.replace(/-\d{8}$/, '')))]
      if (agent.choosesModels) expect(asked.length).toBeGreaterThan(1)
      else expect(asked).toEqual([usual])
      expect(`${told(ground)}${trying.out()}${trying.err()}`.includes(key)).toBe(false)
      expect(told(ground).includes('Mine, not committed')).toBe(false)
      const played = ({ words: said }: { words: string }): boolean => said.includes('/scripted-model/')
      const alive = processesOf(place.folder).filter((one) => !played(one))
      expect(alive.filter((one) => new RegExp(`${agent.name}|vpd`).test(one.words))).toEqual([])
    },
  )
})

test.skipIf(!existsSync(realAgents.claude))(
  'the login of a subscription is found; where the policy names it, it does the work, labelled and uncounted',
  { timeout: 300_000 },
  async (context) => {
    const claude = agents[0]!
    // Not 127.0.0.1, which programs of a step take for their own machine.
    const ground = await groundFor(claude, '127.0.0.2')
    const { place, repository, model } = ground
    const looked = await run(place, vpdProgram, ['look', '--json'])
    const { level } = (JSON.parse(looked.out) as { isolation: { level: string } }).isolation
    if (level !== 'sandbox') context.skip(`no sandbox can be built here, only ${level}`)
    mkdirSync(join(place.home, '.claude'), { mode: 0o700 })
    const token = 'sk-ant-oat01-of-the-owner-0123456789'
    const scopes = ['user:inference', 'user:profile']
    const oauth = { accessToken: token, refreshToken: 'sk-ant-ort01-x', expiresAt: 4_102_444_800_000, scopes }
    const file = join(place.home, '.claude/.credentials.json')
    writeFileSync(file, JSON.stringify({ claudeAiOauth: { ...oauth, subscriptionType: 'max' } }), { mode: 0o600 })
    const home = join(place.home, 'runner') // on the file system of the login
    mkdirSync(home, { mode: 0o700 })
    const words = ['try', repository.folder, task, '--data', place.data, '--port', '0', '--home', home]
    const env = { ANTHROPIC_BASE_URL: model.url }

    const not = await run(place, vpdProgram, ['look', '--home', home])
    expect(not.out).toContain('claude')
    const refused = talk(place, [...words, '--agent', 'claude'], env)
    expect(await refused.ended).toMatchObject({
      code: 1,
      err: expect.stringMatching(
        /signed in to a subscription, which is used when the policy .* says so \(logins: \[claude\]\)/,
      ),
    })

    const host = new URL(model.url).host
    const network = `network: { agents: ["${host}"], near: ["${host}"] }` // the provider is played on this machine
    writeFileSync(join(home, 'policy.yaml'), `logins: [claude]\nenvironment: [ANTHROPIC_BASE_URL]\n${network}\n`)
    const before = readFileSync(file, 'utf8')
    const trying = talk(place, words, env)
    await trying.says(/Press Enter to go on/)
    expect(trying.out()).toMatch(/Agent +claude \d/)
    expect(trying.out()).toMatch(/Cost +not known: what it uses does not pass through the gateway/)
    expect(trying.out()).toMatch(/Leaves +the task and .*, to whom its login belongs, past the gateway/)
    trying.type('')
    await trying.says(/sign-in#/, 120_000)
    await decideBoth(place, trying, () => {})
    await trying.says(/Make this a workflow\?/, 120_000)
    trying.type('')
    expect(await trying.ended).toMatchObject({ code: 0 })
    await branchHolds(trying, repository)
    expect(trying.out()).not.toMatch(/It cost \d/)
    expect(told(ground)).toContain('Three mugs')
    expect(`${trying.out()}${trying.err()}`).not.toContain(token)
    expect(readFileSync(file, 'utf8')).toBe(before)
  },
)

/** One branch with the change; all that the person has stays as it was. */
async function branchHolds(trying: Talking, repository: OwnRepository): Promise<void> {
  const [, ref = ''] = /is the branch (vp\/\S+) at/.exec(trying.out()) ?? []
  expect(repository.git('for-each-ref', '--format=%(refname)').split('\n')).toEqual([
    'refs/heads/main',
    `refs/heads/${ref}`,
  ])
  expect(repository.git('show', `${ref}:src/price.js`)).toContain(mended)
  expect(repository.git('status', '--porcelain')).toBe('M README.md')
}

/** Approves the plan and the change. `between`: looked at before the change is approved. */
async function decideBoth(place: Place, trying: Talking, between: () => void): Promise<void> {
  await approve(place, 'plan')
  await trying.saysTimes(/It waits for you\. Open/g, 2, 120_000)
  between()
  await approve(place, 'change')
}

/** The address opens on the gate that waits, and is good once. */
async function signIn(place: Place, { url, secret }: { url: string; secret: string }): Promise<void> {
  const [gate] = (await localAdmin(place.data).get('/api/inbox'))['open']
  const open = (): Promise<Response> =>
    fetch(`${url}/api/session`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token: secret }),
    })
  const first = await open()
  expect(await first.json()).toMatchObject({ to: `/inbox/${gate['gate']}` })
  expect((await open()).status).toBe(410)
}

/** Approves the gate of this kind over the API, as the web app does. */
async function approve(place: Place, kind: string): Promise<void> {
  const admin = localAdmin(place.data)
  let found: Json | undefined
  await expect
    .poll(async () => (found = (await admin.get('/api/inbox')).open.find((one: Json) => one.kind === kind))?.['kind'], {
      timeout: 120_000,
    })
    .toBe(kind)
  const card = await admin.get(`/api/gates/${found!['gate']}`)
  await admin.send('POST', `/api/gates/${card['gate']}/decisions`, { verdict: 'approve', digest: card['digest'] })
}
