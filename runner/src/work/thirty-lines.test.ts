/** Does the agent of docs/agents.md ("Add one in 30 lines") work as it stands there? Its files are taken from the page, a step is done with it. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { driversOf } from '../agent/drivers.ts'
import { setupOf } from '../command/capabilities.ts'
import { testRemote, type TestRemote } from '../git/remote.fixture.ts'
import { realKey, testUpstream, type TestUpstream } from '../model/testing/upstream.ts'
import { parsePolicy } from '../policy/policy.ts'
import { doJob } from './do-job.ts'
import { agentJob } from './job.fixture.ts'
import type { Setup } from './port.ts'
import { testPort } from './port.fixture.ts'

const page = await readFile(fileURLToPath(new URL('../../../docs/agents.md', import.meta.url)), 'utf8')
const section = /\n## Add one in 30 lines\n(.*?)\n## /s.exec(page)?.[1] ?? ''
const block = (language: string): string => new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(section)?.[1] ?? ''
const [program, policy] = [block('js'), block('yaml')]

let remote: TestRemote
let provider: TestUpstream
let setup: Setup
beforeEach(async () => {
  remote = await testRemote({ 'src/price.js': 'export const price = 1\n' })
  provider = await testUpstream(({ method, body }, response) => {
    if (method === 'GET') return void response.end(JSON.stringify({ data: [{ id: 'gpt-5.5' }, { id: 'gpt-5-mini' }] }))
    const { model } = JSON.parse(body) as { model: string }
    const content = JSON.stringify({
      summary: 'The price is 2.',
      files: { 'src/price.js': 'export const price = 2\n' },
    })
    response.writeHead(200, { 'content-type': 'application/json' })
    const usage = { prompt_tokens: 1_000, completion_tokens: 50 }
    response.end(JSON.stringify({ model, choices: [{ message: { role: 'assistant', content } }], usage }))
  })
  const [home, agents] = [path.join(remote.root, 'home'), path.join(remote.root, 'agents')]
  for (const folder of [home, agents]) await mkdir(folder)
  await writeFile(path.join(agents, 'mender.mjs'), program)
  const made = setupOf(home, parsePolicy(policy.replaceAll('/opt/agents', agents), 'policy.yaml'), home)
  const env = { OPENAI_API_KEY: realKey, OPENAI_BASE_URL: `${provider.url}/v1` }
  setup = { ...made, model: { ...made.model!, env } }
})
afterEach(async () => {
  await provider.close()
  await rm(remote.root, { recursive: true, force: true })
})
const run = async (also: Parameters<typeof agentJob>[1]) => {
  const port = testPort(agentJob(remote, { agent: 'mender', context: [], ...also }), { step: 'implement' })
  await doJob(port, setup)
  const last = port.reports.at(-1)
  if (last?.type !== 'finished') throw new Error(`${JSON.stringify(last)}\n${port.logText()}`)
  return { ...last, text: (ref: { digest: string }) => port.text(ref) }
}

test('it has at most 30 lines, policy included', () => {
  const lines = [program, policy].flatMap((text) => text.trimEnd().split('\n'))
  expect(program).toContain('OPENAI_BASE_URL')
  expect(lines.length).toBeLessThanOrEqual(30)
  expect(driversOf(setup).find(({ name }) => name === 'mender')).toMatchObject({ speaks: ['openai'], takesModel: true })
})

test('it plans and changes nothing, and edits with the model that the step asks for, at a counted cost', async () => {
  const plan = await run({ mode: 'plan' })
  expect(plan.result).toMatchObject({ kind: 'plan' })
  const edit = await run({ mode: 'edit', model: 'gpt-5-mini' })
  expect(edit.result).toMatchObject({ kind: 'change', change: { files: [{ path: 'src/price.js' }] } })
  expect(edit.usage).toMatchObject({
    source: 'gateway',
    models: [{ provider: 'openai', model: 'gpt-5-mini', requests: 1, inputTokens: 1_000, outputTokens: 50 }],
  })
  const asked = provider.seen.filter(({ method }) => method === 'POST').map(({ body }) => body)
  expect(asked.map((body) => (JSON.parse(body) as { model: string }).model)).toEqual(['gpt-5.5', 'gpt-5-mini'])
  expect(asked[1]).toContain('export const price = 1')
})
