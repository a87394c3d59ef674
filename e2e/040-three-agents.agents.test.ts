// Claude Code plans, a person approves, Codex carries it out, the checks run, Claude Code reviews, a person approves the change: in one run,
// with the real programs, each behind the wall of this machine and the gateways of its runner. Their model alone is played.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { cameraFor, onNoMachine } from './browser/testing/take.ts'
import { closeBrowser, openBrowser, visit } from './browser/testing/visit.ts'
import { localAdmin, type Json } from './testing/api.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf, processesOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Running } from './testing/program.ts'
import { agentsAreHere as here, platform, putOnPath, versionOf } from './testing/real-agents.ts'
import { startModel } from './testing/scripted-model.ts'
import { makeShopRemote } from './testing/shop-remote.ts'

const place = makePlace('three-agents')
const keys = { ANTHROPIC_API_KEY: 'sk-ant-real-key-of-the-team-7341', OPENAI_API_KEY: 'sk-real-key-of-the-team-8452' }
const running: Running[] = []
let model = { url: '', close: () => {} }

const mended = '  return Math.round((total * (100 - percentOff)) / 100)'
const script = {
  usage: { input: 1000, output: 50, cached: 200 },
  conversations: [
    {
      match: '(^|\n)# Review\n',
      turns: [{ do: [{ read: 'src/price.js' }] }, { text: 'It rounds once, as the plan says.' }],
    },
    {
      match: '(^|\n)# Work\n',
      turns: [
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
        { text: 'Testing.', do: [{ sh: 'npm test' }] },
        { text: 'The order is rounded once now.' },
      ],
    },
    {
      match: '(^|\n)# Plan\n',
      turns: [
        { text: 'Looking.', do: [{ read: 'src/price.js' }] },
        { do: [{ proposePlan: '# Round once\n\n1. Round the whole order, once.\n\n## Files\n\n- `src/price.js`\n' }] },
      ],
    },
  ],
}
const workflow = `name: three-agents
team: core
trigger: { manual: {} }
repos: [acme/shop]
steps:
  - { id: plan, agent: claude, model: claude-haiku-4-5, mode: plan }
  - { gate: plan_review, of: plan }
  - { id: implement, agent: codex, model: gpt-5.5, mode: edit, follows: plan, commands: { allow: ["npm test"] } }
  - { id: verify, run: ["npm test"] }
  - { id: review, agent: claude, mode: review, of: implement }
  - { gate: pr_approval, of: implement }
  - { action: git.open_change, of: implement }
runner: { pool: local }
`

beforeAll(async () => {
  if (!here) return
  putOnPath(place)
  model = await startModel(place, script, ['claude-haiku-4-5', 'gpt-5.5'])
})
afterAll(async () => {
  for (const one of running.toReversed()) {
    one.child.kill('SIGINT')
    await one.ended
  }
  model.close()
  endAllOf(place.folder)
  place.remove()
})

test.skipIf(!here)(
  `Claude Code plans, Codex implements, Claude Code reviews${here ? '' : `: no binaries for ${platform}`}`,
  { timeout: 300_000 },
  async () => {
    running.push(start(place, viewportProgram, ['up', '--port', '0', '--data', place.data]))
    await running.at(-1)!.says(/Ctrl-C stops everything/)
    const admin = localAdmin(place.data)
    const tell = async (...words: string[]): Promise<string> => {
      const ended = await run(place, viewportProgram, words, { VIEWPORT_DATA_DIR: place.data })
      expect({ words, ...ended }).toMatchObject({ code: 0 })
      return ended.out
    }
    const [, me = ''] = /^(@\S+)/.exec(await tell('people'))!
    await tell('teams', 'add', 'core', '--name', 'Core')
    await tell('people', 'change', me, '--team', 'core')
    const remote = makeShopRemote(place)
    await tell('repositories', 'add', 'acme/shop', remote.url)
    const env = { ...keys, ANTHROPIC_BASE_URL: model.url, OPENAI_BASE_URL: `${model.url}/v1` }
    const pairing = start(place, vpdProgram, ['pair', '--worker', '--name', 'acme-server'], env)
    const [, code = ''] = await pairing.says(/code: (\S+)/)
    const [, shown = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
    await tell('runners', 'approve', code, '--words', shown, '--pool', 'local', '--repo', 'acme/shop')
    expect((await pairing.ended).out).toMatch(/detected: .*claude-code.*codex/)
    running.push(start(place, vpdProgram, ['worker', 'start'], env))
    await running.at(-1)!.says(/online/)

    const file = join(place.folder, 'three-agents.workflow.yaml')
    writeFileSync(file, workflow)
    // A model that the runner does not offer is said to be missing, with those that it does offer.
    const other = join(place.folder, 'other.workflow.yaml')
    writeFileSync(other, workflow.replaceAll('claude-haiku-4-5', 'claude-haiku-9').replace('three-agents', 'other'))
    const missing = await run(place, viewportProgram, ['workflows', 'save', other, '--enable'], {
      VIEWPORT_DATA_DIR: place.data,
    })
    expect(missing.code).toBe(1)
    expect(missing.out + missing.err).toMatch(
      /model claude-haiku-9.*claude on acme-server can be given claude-haiku-4-5, gpt-5\.5/s,
    )
    await tell('workflows', 'save', file, '--enable')
    await tell('run', 'three-agents', '--text', 'Three mugs with 10 % off cost one cent too much')
    const plan = await approveNext('plan')
    expect(plan).toMatchObject({ agent: 'claude', subject: { files: ['src/price.js'], steps: 1 } })
    const change = await approveNext('change')
    expect(JSON.stringify(change)).toContain('src/price.js')
    expect(await start(place, viewportProgram, ['runs', '1', '--follow']).ended).toMatchObject({ code: 0 })

    const facts = (await admin.get('/api/runs/1/facts')).facts.map((fact: { text: string }) => JSON.parse(fact.text))
    const of = (type: string): Json[] => facts.filter((fact: Json) => fact.type === type).map((fact: Json) => fact.data)
    const started = of('step.started').filter((one) => one.agent)
    expect(started.map((one) => [one.step, one.agent.name, one.agent.version, one.agent.tested])).toEqual([
      ['plan', 'claude', versionOf('@anthropic-ai/claude-code'), true],
      ['implement', 'codex', versionOf('@openai/codex'), true],
      ['review', 'claude', versionOf('@anthropic-ai/claude-code'), true],
    ])
    expect(started.every((one) => one.isolation.modelGateway && one.isolation.gitGateway)).toBe(true)
    const usage = of('step.finished')
      .filter((one) => ['plan', 'implement', 'review'].includes(one.step))
      .map(({ step, usage: used }) => [step, used.source, used.inputTokens, used.cachedTokens, used.outputTokens])
    // What a provider counts inside the input or beside it is counted alike.
    expect(usage).toEqual([
      ['plan', 'gateway', 2000, 400, 100],
      ['implement', 'gateway', 3200, 800, 200],
      ['review', 'gateway', 2000, 400, 100],
    ])
    // Each step that asked for a model worked with it and with no other; the run says so.
    const models = of('step.finished').flatMap(({ step, usage: used }) =>
      (used.models ?? []).map((one: Json) => [step, one.provider, one.model, one.requests]),
    )
    expect(models.slice(0, 2)).toEqual([
      ['plan', 'anthropic', 'claude-haiku-4-5', 2],
      ['implement', 'openai', 'gpt-5.5', 4],
    ])
    expect(await tell('runs', '1')).toMatch(/plan, claude-haiku-4-5\n[^]*edit, gpt-5\.5\n/)
    const refs = remote.git('for-each-ref', '--format=%(refname)').split('\n')
    expect(refs).toEqual(['refs/heads/main', expect.stringMatching(/^refs\/heads\/vp\//)])
    expect(remote.git('show', `${refs[1]}:src/price.js`)).toContain(mended)
    const everything = JSON.stringify([facts, readFileSync(join(place.folder, 'requests.jsonl'), 'utf8')])
    for (const key of Object.values(keys)) expect(everything.includes(key)).toBe(false)
    expect(processesOf(place.folder).filter(({ words }) => /claude|codex/.test(words.split(' ')[0] ?? ''))).toEqual([])
    const pictures = process.env['VIEWPORT_PICTURES']
    if (pictures !== undefined) await takePictures(JSON.parse(await tell('sign-in-link', me, '--json')).url, pictures)
  },
)

/** Pictures of the run for the docs, on demand alone: `VIEWPORT_PICTURES=docs/screens`, with VIEWPORT_TEST_CHROMIUM. */
async function takePictures(link: string, folder: string): Promise<void> {
  const { take } = cameraFor(folder)
  const browser = await openBrowser()
  try {
    const { page } = await visit(browser, { url: new URL(link).origin, linkOf: async () => link }, '', { still: true })
    await onNoMachine(page)
    await page.goto('/runs/1')
    await page.waitForSelector('.tl li')
    await take(page, 'agents-run')
    await page.goto('/runs/1?show=diff')
    await page.waitForSelector(':text("verified in this browser")')
    await take(page, 'agents-diff')
    await page.goto('/runners')
    await page.waitForSelector('.runner')
    await take(page, 'agents-runner')
  } finally {
    await closeBrowser(browser)
  }
}

/** Approves the next gate of this kind, as soon as it waits; what its card showed. */
async function approveNext(kind: string): Promise<Json> {
  const admin = localAdmin(place.data)
  let gate = ''
  const look = async (): Promise<string> => {
    const { facts } = await admin.get('/api/runs/1/facts')
    const last = facts.map(({ text }: { text: string }) => text).find((text: string) => /"step.failed"/.test(text))
    if (last !== undefined) throw new Error(last)
    return (gate = (await admin.get('/api/inbox')).open.find((one: Json) => one.kind === kind)?.gate ?? '')
  }
  await expect.poll(look, { timeout: 120_000 }).not.toBe('')
  const card = await admin.get(`/api/gates/${gate}`)
  await admin.send('POST', `/api/gates/${gate}/decisions`, { verdict: 'approve', digest: card.digest })
  return card
}
