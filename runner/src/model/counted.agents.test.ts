/** Do the real agents ask through the gateway without knowing it, and is what they use counted alike? A scripted model tells the same use for every turn. */
import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { realAgent } from '../agent/testing/real-agents.ts'
import { perTurn, startScriptedModel, type ScriptedModel } from '../agent/testing/scripted-model.ts'
import { baseUrl, type ModelAccess } from './access.ts'
import { openBudget, type StepBudget } from './budget.ts'
import { startModelGateway, type ModelGateway } from './gateway.ts'

let root: string
let model: ScriptedModel
let gateway: ModelGateway
let budget: StepBudget
const lines: string[] = []
// The scripted Gemini calls itself so.
const prices = { scripted: { input: 1, cached: 1, output: 1 } }
const realKey = (name: string): string => `real-key-of-${name}-0123456789`
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'vpd-counted-'))
  await mkdir(path.join(root, 'home'))
  await mkdir(path.join(root, 'work'))
  model = await startScriptedModel(root, [
    { match: 'count me', turns: [{ do: [{ sh: 'echo one' }] }, { do: [{ sh: 'echo two' }] }, { text: 'counted' }] },
  ])
  budget = openBudget({ run: root, limits: { tokens: null, usdMicros: null }, prices, onSpent: () => {} })
  lines.length = 0
  gateway = await startModelGateway({
    upstreams: [
      { name: 'anthropic', dialect: 'anthropic', base: model.url, key: realKey('anthropic') },
      { name: 'openai', dialect: 'openai', base: `${model.url}/v1`, key: realKey('openai') },
      { name: 'google', dialect: 'google', base: model.url, key: realKey('google') },
    ],
    budget,
    say: (line) => lines.push(line),
  })
})
afterEach(async () => {
  await gateway.close()
  await model.close()
  await rm(root, { recursive: true, force: true, maxRetries: 3 })
})

const run = (argv: readonly string[], env: Record<string, string>): Promise<string> =>
  new Promise((done) => {
    const child = spawn(argv[0]!, argv.slice(1), {
      cwd: path.join(root, 'work'),
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] ?? '', HOME: path.join(root, 'home'), IS_SANDBOX: '1', NO_COLOR: '1', ...env },
      timeout: 100_000,
      killSignal: 'SIGKILL',
    })
    let text = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (part: Buffer) => (text += part.toString()))
    child.on('close', () => done(text))
  })

const agents: Record<string, (file: string, access: ModelAccess & { way: 'gateway' }) => Promise<string>> = {
  claude: (file, access) =>
    run(
      [
        file,
        '-p',
        'count me',
        '--model',
        'claude-sonnet-4-6',
        '--permission-mode',
        'bypassPermissions',
        '--setting-sources',
        '',
      ],
      {
        ANTHROPIC_BASE_URL: baseUrl(access, 'anthropic'),
        ANTHROPIC_API_KEY: access.key,
        DISABLE_AUTOUPDATER: '1',
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      },
    ),
  codex: async (file, access) => {
    await mkdir(path.join(root, 'home', '.codex'))
    const lines = [
      'model = "gpt-5.5"',
      'model_provider = "vpd"',
      '[model_providers.vpd]',
      'name = "vpd"',
      `base_url = "${baseUrl(access, 'openai')}"`,
      'wire_api = "responses"',
      'env_key = "VPD_KEY"',
      '[features]',
      'plugins = false',
      '[analytics]',
      'enabled = false',
    ]
    await writeFile(path.join(root, 'home', '.codex', 'config.toml'), `${lines.join('\n')}\n`)
    return run([file, 'exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', 'count me'], {
      VPD_KEY: access.key,
    })
  },
  gemini: async (file, access) => {
    await mkdir(path.join(root, 'home', '.gemini'))
    const settings = {
      security: { auth: { selectedType: 'gemini-api-key' } },
      privacy: { usageStatisticsEnabled: false },
    }
    await writeFile(path.join(root, 'home', '.gemini', 'settings.json'), JSON.stringify(settings))
    return run([process.execPath, file, '--yolo', '--model', 'gemini-2.5-pro', '-p', 'count me'], {
      GOOGLE_GEMINI_BASE_URL: baseUrl(access, 'google'),
      GEMINI_API_KEY: access.key,
      GEMINI_CLI_TRUST_WORKSPACE: 'true',
    })
  },
}

for (const [name, start] of Object.entries(agents)) {
  const { file, why } = realAgent(name)
  test.skipIf(file === null)(`${name}${why === null ? '' : ` (skipped: ${why})`}`, { timeout: 120_000 }, async () => {
    const access = { way: 'gateway', url: gateway.url, port: gateway.port, key: gateway.key, providers: [] } as const
    const text = await start(file!, access)
    await gateway.close()
    const turns = (await model.requests()).filter((one) =>
      /messages|responses|completions|GenerateContent|generateContent/.test(one.path),
    )
    expect(text, lines.join('\n')).toContain('counted')
    expect(turns.length).toBeGreaterThanOrEqual(3)
    // Anthropic counts what was cached beside the input, the others in it.
    const input = name === 'claude' ? perTurn.input : perTurn.input - perTurn.cached
    expect(budget.spending.usage()).toMatchObject({
      inputTokens: turns.length * input,
      outputTokens: turns.length * perTurn.output,
      cachedTokens: turns.length * perTurn.cached,
      source: 'gateway',
    })
    expect(text).not.toMatch(/real-key-of/)
  })
}
