/**
 * What does vpd add to a coding agent? The same five turns (read, edit, test, look, say) by the real Claude Code and the real Codex, straight as
 * a person starts them in a clone, and as a step of vpd: behind its wall, its gateways, its questions before every command. In pairs, in turn.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { AgentJob } from '@viewportai/core/wire/job'
import type { Setup } from '@viewportai/daemon/src/work/port.ts'
import { against, median, megabytes, ms, notMeasured, type Figure } from './figures.ts'
import { pss, treeOf } from './memory.ts'
import { pause } from './until.ts'

const root = fileURLToPath(new URL('../', import.meta.url))
const packages = path.join(root, 'e2e/agents/node_modules')
const platform = `${process.platform}-${process.arch}`
const triple = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-${process.platform === 'darwin' ? 'apple-darwin' : 'unknown-linux-musl'}`

/** What `one-step.mjs` is asked, and what it says. */
type StepAsked = { readonly setup: Setup; readonly run: string; readonly job: AgentJob }
type StepSaid = { began: number; started: number; ended: number; log: string; last: string }

type Agent = {
  readonly name: 'claude' | 'codex'
  readonly program: string
  readonly model: string
  /** How a person starts it for one task, without questions. */
  readonly argv: readonly string[]
  readonly env: (url: string) => Record<string, string>
  /** Its settings below HOME. */
  readonly files: (url: string) => Record<string, string>
  readonly provider: (url: string) => Record<string, string>
}
const key = 'a-key-of-the-bench-0123456789'
const agents: readonly Agent[] = [
  {
    name: 'claude',
    program: path.join(packages, `@anthropic-ai/claude-code-${platform}/claude`),
    model: 'claude-sonnet-4-6',
    argv: ['-p', '--model', 'claude-sonnet-4-6', '--permission-mode', 'bypassPermissions'],
    env: (url) => ({
      ANTHROPIC_BASE_URL: url,
      ANTHROPIC_API_KEY: key,
      DISABLE_AUTOUPDATER: '1',
      CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
      IS_SANDBOX: '1', // as root it would refuse to work without questions
    }),
    files: () => ({}),
    provider: (url) => ({ ANTHROPIC_API_KEY: key, ANTHROPIC_BASE_URL: url }),
  },
  {
    name: 'codex',
    program: path.join(packages, `@openai/codex-${platform}/vendor/${triple}/bin/codex`),
    model: 'gpt-5.5',
    argv: ['exec', '--skip-git-repo-check', '--dangerously-bypass-approvals-and-sandbox', '-m', 'gpt-5.5'],
    env: () => ({ BENCH_KEY: key }),
    files: (url) => ({
      '.codex/config.toml': [
        'model_provider = "bench"',
        '[model_providers.bench]',
        'name = "bench"',
        `base_url = "${url}/v1"`,
        'wire_api = "responses"',
        'env_key = "BENCH_KEY"',
        '[features]',
        'plugins = false',
        '[analytics]',
        'enabled = false',
        '',
      ].join('\n'),
    }),
    provider: (url) => ({ OPENAI_API_KEY: key, OPENAI_BASE_URL: `${url}/v1` }),
  },
]

const task = 'mend the price'
const script = {
  usage: { input: 1_000, output: 50, cached: 200 },
  conversations: [
    {
      match: task,
      turns: [
        { text: 'Reading.', do: [{ sh: 'cat src/price.js' }] },
        {
          text: 'Editing.',
          do: [{ edit: 'src/price.js', old: 'export const price = 1', new: 'export const price = 2' }],
        },
        { text: 'Testing.', do: [{ sh: 'node --test' }] },
        { text: 'Looking.', do: [{ sh: 'git status --short' }] },
        { text: 'Mended.' },
      ],
    },
  ],
}

export const realAgentFigures = async (rounds: number): Promise<Figure[]> => {
  const { status } = spawnSync(process.execPath, [path.join(root, 'e2e/agents/install.ts')], { stdio: 'inherit' })
  if (status !== 0) return [notMeasured('A step of a real agent', '', 'a network: the agents could not be installed')]
  const bundled = spawnSync(process.execPath, [path.join(root, 'setup.mjs'), 'bundle', 'runner'], { stdio: 'inherit' })
  if (bundled.status !== 0) throw new Error('The runner could not be bundled.')
  const figures: Figure[] = []
  for (const agent of agents)
    if (existsSync(agent.program)) figures.push(...(await figuresOf(agent, rounds * 5)))
    else
      figures.push(notMeasured(`A step of ${agent.name}`, '', `another platform: there is no binary for ${platform}`))
  return figures
}

const figuresOf = async (agent: Agent, pairs: number): Promise<Figure[]> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'viewport-bench-agents-'))
  const place = await openPlace(folder, agent)
  try {
    const [bare, ours, open]: [Bare[], Ours[], Ours[]] = [[], [], []]
    for (let n = 0; n <= pairs; n++) {
      const [a, b, c] = [await place.bare(), await place.step('best'), await place.step('none')]
      if (n === 0) continue // the first of each warms the caches of the disk
      bare.push(a)
      ours.push(b)
      open.push(c)
    }
    const memory: { bare: number; ours: number; idle: number }[] = []
    for (let n = 0; n < 7; n++)
      memory.push({ bare: await place.memory('bare'), idle: place.idle(), ours: await place.memory('step') })
    return summed(agent, { bare, ours, open, memory })
  } finally {
    await place.close()
    rmSync(folder, { recursive: true, force: true })
  }
}

const summed = (
  { name }: Agent,
  {
    bare,
    ours,
    open,
    memory,
  }: { bare: Bare[]; ours: Ours[]; open: Ours[]; memory: { bare: number; ours: number; idle: number }[] },
): Figure[] => {
  const of = <T>(list: readonly T[], read: (one: T) => number): number => median(list.map(read))
  const toFirst = (one: Ours): number => one.first - one.started
  const first = { bare: of(bare, (one) => one.first), ours: of(ours, toFirst), open: of(open, toFirst) }
  const total = { bare: of(bare, (one) => one.total), ours: of(ours, (one) => one.ended - one.began) }
  const what = `${name} -p`.replace('codex -p', 'codex exec')
  return [
    against(`${name}: start of the agent to its first model request, added by vpd`, first.ours - first.bare, 60, ms, {
      note: `medians of ${bare.length} pairs: ${ms(first.ours)} as a step, ${ms(first.bare)} as \`${what}\`, ratio ${(first.ours / first.bare).toFixed(2)}; ${ms(first.open)} without a wall`,
    }),
    against(
      `${name}: step handed over to first model request`,
      of(ours, (one) => one.first),
      null,
      ms,
      {
        instead: { what: `${what}, in a clone that is there`, value: first.bare },
        note: `of this until the agent is started (fetch, clone, context, gateways, wall): ${ms(of(ours, (one) => one.started))}`,
      },
    ),
    against(`${name}: five turns, whole step`, total.ours, null, ms, {
      instead: { what, value: total.bare },
      note: 'with fetch and clone before, and the tree read and a patch made after',
    }),
    against(
      `${name}: memory added at the peak`,
      of(memory, (one) => one.ours - one.bare),
      80 * 1_048_576,
      megabytes,
      {
        note: `PSS, medians of ${memory.length}: ${megabytes(of(memory, (one) => one.ours))} with vpd, ${megabytes(of(memory, (one) => one.bare))} without; vpd alone before the step ${megabytes(of(memory, (one) => one.idle))}`,
      },
    ),
  ]
}

/** Milliseconds from the start: of the process, or of the step's being handed over. */
type Bare = { readonly first: number; readonly total: number }
type Ours = { readonly began: number; readonly first: number; readonly started: number; readonly ended: number }

const openPlace = async (folder: string, agent: Agent) => {
  const [clone, remote, bin, home] = ['clone', 'shop.git', 'bin', 'home'].map((name) => path.join(folder, name)) as [
    string,
    string,
    string,
    string,
  ]
  for (const one of [bin, home]) mkdirSync(one)
  symlinkSync(agent.program, path.join(bin, agent.name))
  makeRepository(folder, clone, remote)
  const model = await startModel(folder)
  const env = { PATH: `${bin}:${process.env['PATH'] ?? ''}`, LANG: 'C.UTF-8', NO_COLOR: '1' }
  // A Node of its own: of pages shared with the programs of the bench it would be told only a part.
  const node = path.join(folder, 'node')
  copyFileSync(process.execPath, node)
  const runner = spawn(node, [path.join(root, 'bench/one-step.mjs')], {
    env: { ...env, HOME: home },
    cwd: home,
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const lines = createInterface({ input: runner.stdout })[Symbol.asyncIterator]()
  if ((await lines.next()).done) throw new Error('The runner of the bench ended before it was ready.')
  let steps = 0

  const runBare = (): { child: ChildProcess; ended: Promise<void> } => {
    spawnSync('git', ['checkout', '--quiet', '--force', '.'], { cwd: clone })
    const own = path.join(folder, 'own')
    rmSync(own, { recursive: true, force: true })
    for (const [name, text] of Object.entries({ '.keep': '', ...agent.files(model.url) })) {
      mkdirSync(path.dirname(path.join(own, name)), { recursive: true })
      writeFileSync(path.join(own, name), text)
    }
    const child = spawn(agent.program, [...agent.argv, task], {
      cwd: clone,
      env: { ...env, HOME: own, ...agent.env(model.url) },
      stdio: ['ignore', 'ignore', 'ignore'],
    })
    const ended = new Promise<void>((done, fail) =>
      child.once('exit', (code) => (code === 0 ? done() : fail(new Error(`${agent.name} ended with ${code}`)))),
    )
    return { child, ended }
  }
  const bare = async (): Promise<Bare> => {
    model.forget()
    const began = now()
    await runBare().ended
    return { first: model.first() - began, total: now() - began }
  }
  const step = async (level: 'best' | 'none'): Promise<Ours> => {
    model.forget()
    const asked: StepAsked = {
      setup: setupFor(home, agent, model.url, level),
      run: `run_${++steps}`,
      job: jobFor(agent, remote),
    }
    runner.stdin.write(`${JSON.stringify(asked)}\n`)
    const said = JSON.parse((await lines.next()).value as string) as StepSaid
    if (!said.last.includes('"type":"finished"')) throw new Error(`${said.last}\n${said.log}`)
    const from = (at: number): number => at - said.began
    return { began: 0, first: from(model.first()), started: from(said.started), ended: from(said.ended) }
  }
  return {
    bare,
    step,
    idle: () => pss(treeOf(runner.pid!)),
    /** The most that the processes take together. Looking costs time, so nothing is timed meanwhile. */
    memory: async (which: 'bare' | 'step'): Promise<number> => {
      const { pid, ended } =
        which === 'step'
          ? { pid: runner.pid!, ended: step('best').then(() => {}) }
          : (({ child, ended: over }) => ({ pid: child.pid!, ended: over }))(runBare())
      let [most, over] = [0, false]
      const end = ended.finally(() => (over = true))
      while (!over) {
        most = Math.max(most, pss(treeOf(pid)))
        await pause(5)
      }
      await end
      return most
    },
    close: async () => {
      for (const child of [runner, model.child]) {
        if (child.exitCode !== null) continue
        const gone = new Promise((done) => child.once('exit', done))
        child.kill('SIGKILL')
        await gone
      }
    },
  }
}

const now = (): number => performance.timeOrigin + performance.now()

/** The scripted model as a program of its own; its log tells when it was asked. */
const startModel = async (folder: string) => {
  const [file, log] = [path.join(folder, 'script.json'), path.join(folder, 'requests.jsonl')]
  writeFileSync(file, JSON.stringify(script))
  const words = ['--script', file, '--port', '0', '--log', log, '--models', agents.map((one) => one.model).join()]
  const child = spawn(process.execPath, [path.join(root, 'e2e/scripted-model/main.mjs'), ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env['PATH'] },
  })
  const url = await new Promise<string>((found) =>
    child.stdout.once('data', (part: Buffer) => found(String(part).trim())),
  )
  return {
    child,
    url,
    forget: () => writeFileSync(log, ''),
    /** When it was first asked for an answer, in milliseconds since 1970. */
    first: (): number => {
      const asked = readFileSync(log, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as { at: number; method: string })
        .filter(({ method }) => method === 'POST')
      if (asked.length < script.conversations[0]!.turns.length)
        throw new Error(`the model was asked ${asked.length} times`)
      return Math.min(...asked.map(({ at }) => at))
    },
  }
}

const setupFor = (home: string, agent: Agent, url: string, level: 'best' | 'none'): Setup => ({
  home,
  passEnvironment: [],
  commands: {},
  walls: { level, read: [] },
  model: { home, logins: [], prices: {}, env: agent.provider(url), userHome: home },
})

const jobFor = (agent: Agent, remote: string): AgentJob => ({
  kind: 'agent',
  mode: 'edit',
  agent: agent.name,
  model: agent.model,
  title: 'The price',
  prompt: task,
  event: {
    tool: 'manual',
    event: 'run',
    id: '1',
    at: 1,
    actor: { id: 'x:1', name: 'Mo', trust: 'member', person: null, teams: [] },
    subject: { label: 'BUG-1', title: 'The price', url: null },
    fields: {},
    text: '',
    outsideText: false,
  },
  inputs: {},
  repos: [
    {
      name: 'acme/shop',
      url: pathToFileURL(remote).href,
      ref: 'refs/heads/main',
      commit: null,
      use: { name: 'acme/shop', ref: null, access: 'write', write: ['**'], protect: [] },
    },
  ],
  start: null,
  plan: null,
  feedback: [],
  resume: null,
  context: [],
  contextTokens: 8_000,
  commands: { allow: ['node --test', 'git status *', 'cat *'], ask: [], deny: [] },
  branch: 'refs/heads/vp/bench-1-3f9c52',
  limits: { seconds: 120, tokens: null, usdMicros: null },
})

const makeRepository = (folder: string, clone: string, remote: string): void => {
  mkdirSync(path.join(clone, 'src'), { recursive: true })
  writeFileSync(
    path.join(clone, 'package.json'),
    '{ "name": "shop", "type": "module", "scripts": { "test": "node --test" } }\n',
  )
  writeFileSync(path.join(clone, 'src/price.js'), 'export const price = 1\n')
  writeFileSync(path.join(clone, 'price.test.js'), "import test from 'node:test'\ntest('a price', () => {})\n")
  for (let n = 0; n < 40; n++)
    writeFileSync(path.join(clone, 'src', `price-${n}.js`), `export const price${n} = ${n}\n`)
  const git = (cwd: string, ...words: string[]): void => {
    const { status, stderr } = spawnSync(
      'git',
      ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', '-c', 'commit.gpgSign=false', ...words],
      { cwd, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' } },
    )
    if (status !== 0) throw new Error(`git ${words[0]}: ${stderr}`)
  }
  git(clone, 'init', '--quiet', '--initial-branch=main')
  git(clone, 'add', '--all')
  git(clone, 'commit', '--quiet', '--message', 'The shop')
  git(folder, 'clone', '--quiet', '--bare', clone, remote)
}
