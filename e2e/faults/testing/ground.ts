// What all runs of the harness share: one control plane, the proxy in front of it, several runners, one repository.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { Answered, caller, type Json } from '../../testing/api.ts'
import { makePlace, type Place } from '../../testing/place.ts'
import { endAllOf } from '../../testing/processes.ts'
import { run, start, viewportProgram, vpdProgram } from '../../testing/program.ts'
import { acceptBareRunners } from '../../testing/without-wall.ts'
import { keepProgram, type KeptProgram } from './kept-program.ts'
import { putOnPath } from '../../testing/real-agents.ts'
import { startModel } from '../../testing/scripted-model.ts'
import { openLine, type Line } from './line.ts'
import { agents, leaseMillis, type Agent, type Way } from './plan.ts'
import { openProxy, type Proxy } from './proxy.ts'
import { readRelayed } from './relayed.ts'
import { mountSmallDisk, type SmallDisk } from './small-disk.ts'

export type FaultRunner = {
  name: string
  place: Place
  program: KeptProgram
  /** Its public key, which its requests show, and its own folder below its home. */
  x: string
  folder: string
  disk: SmallDisk | null
  /** The way to its relay; null: it polls. */
  line: Line | null
}
export type Ground = {
  place: Place
  server: KeptProgram
  relay: KeptProgram
  proxy: Proxy
  runners: readonly FaultRunner[]
  remote: string
  /** Values that must stand nowhere, by name. */
  secrets: ReadonlyMap<string, string>
  /** Everything that went wrong beside the runs, in words. */
  troubles: string[]
  git(...words: string[]): string
  /** A call of the API as the admin, again while the control plane is down or busy. */
  ask(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Json>
  bytes(path: string): Promise<Buffer>
  /** The process of the database that the control plane started. */
  databasePid(): number | null
  /** A command of the control plane's machine. */
  tell(words: string[]): Promise<string>
  close(): void
}

/** Everything running and paired, with the workflows of every way and agent enabled. `real`: its runners have the real agents too. */
export async function makeGround(real: boolean): Promise<Ground> {
  const place = makePlace('faults')
  const model = real ? await startModel(place, workOfAgents, [models.claude, models.codex]) : null
  const proxy = await openProxy(join(place.folder, 'wire.trace'))
  const relayed = join(place.folder, 'relayed.jsonl')
  const notes = readRelayed(relayed, (one) => proxy.note(one))
  const troubles: string[] = []
  const portOf = (): number => Number(readFileSync(join(place.data, 'port'), 'utf8').trim())
  const server = await keepProgram({
    name: 'the control plane',
    place,
    program: viewportProgram,
    words: ['up', '--port', '0', '--data', place.data],
    env: {
      VIEWPORT_PUBLIC_URL: proxy.url,
      VIEWPORT_LEASE_SECONDS: String(leaseMillis / 1_000),
      VIEWPORT_TEST_RELAYED: relayed,
    },
    imports: ['./note-relayed.mjs'],
    ready: /Ctrl-C stops everything/,
    onReady: () => proxy.lead(portOf()),
    onDown: () => proxy.lead(null),
    onSelfEnd: (words) => troubles.push(words),
  })
  const admin = () => {
    const { token } = JSON.parse(readFileSync(join(place.data, 'login.json'), 'utf8')) as { token: string }
    return { ...caller(`http://127.0.0.1:${portOf()}`, token), token }
  }
  const patiently = async <T>(what: () => Promise<T>): Promise<T> => {
    for (const until = performance.now() + 60_000; ;) {
      try {
        return await what()
      } catch (error) {
        // A start makes the token anew: the one that was read a moment ago may be the former.
        // A moment without any runner of a pool is what the harness is made for.
        const decided =
          error instanceof Answered &&
          error.status < 500 &&
          ![401, 429].includes(error.status) &&
          error.problem['code'] !== 'not_ready'
        if (decided || performance.now() > until) throw error
        await sleep(200)
      }
    }
  }
  const tell = async (words: string[]): Promise<string> => {
    const ended = await run(place, viewportProgram, words, { VIEWPORT_DATA_DIR: place.data })
    if (ended.code !== 0) throw new Error(`viewport ${words.join(' ')}\n${ended.out}${ended.err}`)
    return ended.out
  }
  const remote = join(place.folder, 'api.git')
  const git = (...words: string[]): string =>
    execFileSync('git', ['--git-dir', remote, ...words], { encoding: 'utf8', env: place.env, input: '' }).trim()

  makeRepository(remote, git, place)
  await tell(['repositories', 'add', 'acme/api', `file://${remote}`])
  const secrets = new Map<string, string>([
    ['the variable ACME_TOKEN', 'acmetok_u8Zk3mQv71LxWnTb2RsYp0'],
    ['the token for checkout', 'checkout_Fq5HdJr9Wc2NvXk7PzBt4M'],
    ['the key of a model', 'sk-ant-modelkey-Gy6Rk1Lw8VbQe3Zx5Tn9'],
  ])
  const lines = await Promise.all([openLine(), openLine()])
  const relay = await keepProgram({
    name: 'the relay',
    place,
    program: viewportProgram,
    words: ['relay', '--listen', '127.0.0.1:0', '--to', proxy.url],
    env: {},
    ready: /relay on \S+, to/,
    onReady: (said) => lines.forEach((line) => line.lead(Number(new URL(/relay on (\S+), to/.exec(said)![1]!).port))),
    onDown: () => lines.forEach((line) => line.lead(null)),
    onSelfEnd: (words) => troubles.push(words),
  })
  const on = { proxy, place, tell, secrets, troubles, model }
  const runners = await Promise.all([
    ...['one', 'two', 'small'].map((name) => addRunner(name, null, on)),
    ...lines.map((line, n) => addRunner(`far-${n + 1}`, line, on)),
  ])
  const wanted = agents.filter((agent) => real || agent === 'hand')
  for (const [workflow, agent] of [['plan', 'hand'] as const, ...wanted.map((one) => ['edit', one] as const)])
    for (const way of ['polling', 'relay'] as const) {
      const file = join(place.folder, `${workflow}-${way}-${agent}.yaml`)
      writeFileSync(file, workflowText(workflow, way, agent))
      await patiently(() => tell(['workflows', 'save', file, '--enable'])) // on a busy machine its runners may seem to be away
    }
  return {
    place,
    server,
    relay,
    proxy,
    runners,
    remote,
    secrets,
    troubles,
    git,
    tell,
    ask: (method, path, body) =>
      patiently(() => (method === 'GET' ? admin().get(path) : admin().send(method, path, body))),
    bytes: (path) =>
      patiently(async () => {
        const { url, token } = admin()
        const answer = await fetch(url + path, { headers: { authorization: `Bearer ${token}` } })
        const bytes = Buffer.from(await answer.arrayBuffer())
        if (!answer.ok) throw new Answered(answer.status, JSON.parse(bytes.toString()) as Json)
        return bytes
      }),
    databasePid: () => postmasterOf(place.data),
    close() {
      void notes.stop()
      model?.close()
      for (const line of lines) line.close()
      for (const each of [place, ...runners.map((runner) => runner.place)]) endAllOf(each.folder)
      for (const { disk } of runners) disk?.unmount()
      for (const each of [place, ...runners.map((runner) => runner.place)]) each.remove()
    },
  }
}

const poolOf = (way: Way): string => (way === 'relay' ? 'far' : 'local')
/** What a real agent that is to edit does: two changes of files with a while between them. */
const workOfAgents = {
  conversations: [
    {
      match: '(^|\n)# Work\n',
      turns: [
        { text: 'Beginning.', do: [{ write: 'case.txt', content: 'begun\n' }] },
        { text: 'Going on.', delayMs: 1_500, do: [{ write: 'other.txt', content: 'done\n' }] },
        { text: 'That is it.' },
      ],
    },
  ],
}
const models = { hand: null, claude: 'claude-haiku-4-5', codex: 'gpt-5.5' }
const workflowText = (name: 'edit' | 'plan', way: Way, agent: Agent): string => `name: ${name}-${way}-${agent}
repos: [acme/api]
approvals: []
budget: { time: 40m }
steps:${
  name === 'plan'
    ? `
  - { id: plan, mode: plan, agent: hand, prompt: "Plan {{ trigger.title }}." }
  - { gate: plan_review, of: plan }`
    : ''
}
  - { id: mend, mode: edit, agent: ${agent}, ${models[agent] === null ? '' : `model: ${models[agent]}, `}prompt: "Mend {{ trigger.title }}." }
  - { id: check, run: ["true"], of: mend, baseline: false }
  - { gate: pr_approval, of: mend }
  - { action: git.open_change, of: mend }
runner: { pool: ${poolOf(way)} }
`

/** A bare remote with one commit, which writes down every push. */
const makeRepository = (remote: string, git: Ground['git'], place: Place): void => {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote], { env: place.env })
  git('config', 'core.logallrefupdates', 'always')
  const commit = git('-c', 'user.name=n', '-c', 'user.email=n@example.com', 'commit-tree', '-m', 'One', git('mktree'))
  git('update-ref', 'refs/heads/main', commit)
}

/** Pairs it through the proxy, gives it secrets to keep, and starts it. The one named `small` lives on a small disk where that can be had. */
const addRunner = async (
  name: string,
  line: Line | null,
  ground: Pick<Ground, 'proxy' | 'place' | 'tell' | 'secrets' | 'troubles'> & { model: { url: string } | null },
): Promise<FaultRunner> => {
  const place = makePlace(`faults-${name}`)
  if (ground.model) putOnPath(place)
  const [environment, checkout, model] = [...ground.secrets.values()] as [string, string, string]
  const home = join(place.home, '.viewport/runner')
  mkdirSync(home, { recursive: true })
  const disk = name === 'small' ? mountSmallDisk(home, 256) : null
  const agent = join(place.folder, 'hand')
  const text = readFileSync(new URL('./hand.sh', import.meta.url), 'utf8')
  writeFileSync(agent, text.replace('@CHECKOUT@', checkout).replace('@MODEL@', model))
  chmodSync(agent, 0o755)
  writeFileSync(
    join(home, 'policy.yaml'),
    `commands:
  hand: { argv: ["${agent}"], modes: [plan, edit] }
environment: [ACME_TOKEN]
secrets: [ACME_TOKEN]
evidence: { free_megabytes: 8 }
partition: { mode: ${name === 'two' ? 'stop' : 'hold, hold_seconds: 60'} }
`,
  )
  const pairing = start(place, vpdProgram, [
    'pair',
    '--worker',
    '--server',
    ground.proxy.url,
    '--name',
    name,
    ...(line ? ['--relay', line.url] : []),
  ])
  const [, words = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  const [, code = ''] = /code: (\S+)/.exec(pairing.out())!
  await ground.tell([
    'runners',
    'approve',
    code,
    '--words',
    words,
    '--repo',
    'acme/api',
    '--pool',
    poolOf(line ? 'relay' : 'polling'),
  ])
  const paired = await pairing.ended
  if (paired.code !== 0) throw new Error(paired.out + paired.err)
  await acceptBareRunners(ground.place)
  keep(place, ['credentials', 'set', 'checkout', 'https://git.acme.example/'], checkout)
  const at = ground.model ? ['--url', ground.model.url] : []
  keep(place, ['credentials', 'set', 'model', 'anthropic', ...at], model)
  const [id = ''] = readdirSync(join(home, 'runners'))
  const folder = join(home, 'runners', id)
  const key = JSON.parse(readFileSync(join(folder, 'key.json'), 'utf8')) as { x: string; d: string }
  ;(ground.secrets as Map<string, string>).set(`the key of the runner ${name}`, key.d)
  const program = await keepProgram({
    name: `the runner ${name}`,
    place,
    program: vpdProgram,
    words: ['worker', 'start', '--slots', '4'],
    env: {
      ACME_TOKEN: environment,
      ...(ground.model && {
        OPENAI_BASE_URL: `${ground.model.url}/v1`,
        OPENAI_API_KEY: 'sk-of-the-harness-7341',
      }),
    },
    ready: /online/,
    mayFail: /^The disk is full/m,
    onSelfEnd: (said) => ground.troubles.push(said),
  })
  return { name, place, program, x: key.x, folder, disk, line }
}

/** `vpd credentials set`, with the value on standard input. */
const keep = (place: Place, words: string[], value: string): void =>
  void execFileSync(process.execPath, [vpdProgram, ...words], {
    cwd: place.folder,
    env: place.env,
    input: `${value}\n`,
  })

const postmasterOf = (data: string): number | null => {
  for (const name of readdirSync(data, { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('postmaster.pid')) return Number(readFileSync(join(data, name), 'utf8').split('\n')[0])
  return null
}
