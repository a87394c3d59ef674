/** Where a real agent is tried: a step's folder with a clone, the model gateway in front of a scripted model, and all that happens written down. */
import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { plainGit, writeFiles } from '../../git/remote.fixture.ts'
import type { ModelAccess } from '../../model/access.ts'
import { openBudget } from '../../model/budget.ts'
import { startModelGateway } from '../../model/gateway.ts'
import type { Dialect } from '../../model/providers.ts'
import { stepEnvironment, stepMarker } from '../../process/environment.ts'
import { detectHolding } from '../../process/isolation.ts'
import { findProcesses } from '../../process/sweep.ts'
import { heldWall } from '../../walls/held.ts'
import { sampleFiles } from '../../work/job.fixture.ts'
import type { AgentTask } from '../driver.ts'
import type { AgentEvent } from '../event.ts'
import { startScriptedModel, type Conversation, type ModelRequest } from './scripted-model.ts'

export type Bench = {
  /** Everything of this bench is below it. */
  readonly root: string
  readonly cwd: string
  readonly state: string
  readonly events: AgentEvent[]
  readonly stop: AbortController
  /** A task for this place; commands are allowed unless `also` decides otherwise. */
  task(also?: Partial<AgentTask>): AgentTask
  /** What the agent asked of its model, without requests beside the work (titles, probes). */
  asked(): Promise<ModelRequest[]>
  /** All that the model was told, as one text. */
  told(): Promise<string>
  /** Processes of the step that still live. */
  alive(): Promise<readonly number[]>
  close(): Promise<void>
}

/** Opens one. `program`: the agent's program by name, put first on the step's PATH. `folder`: name of the step's folder. */
export const openBench = async (given: {
  programs: Readonly<Record<string, string>>
  conversations: readonly Conversation[]
  /** How the sample agent shall behave, where `root` is the runner's home. */
  script?: string
  /** The model that tasks ask for by name; left out: none. */
  model?: string
}): Promise<Bench> => {
  const root = await realpath(await mkdtemp(path.join(tmpdir(), 'vpd-real-agent-')))
  const step = path.join(root, 'step')
  const [cwd, state, home, tmp, bin] = ['tree/shop', 'state', 'home', 'tmp', 'bin'].map((name) =>
    path.join(step, name),
  ) as [string, string, string, string, string]
  for (const folder of [cwd, state, home, tmp, bin]) await mkdir(folder, { recursive: true })
  for (const [name, file] of Object.entries(given.programs)) await symlink(file, path.join(bin, name))
  await writeFiles(cwd, await sampleFiles())
  plainGit(cwd, 'init', '-q', '-b', 'main')
  plainGit(cwd, 'add', '-A', '-f')
  plainGit(cwd, 'commit', '-q', '-m', 'start')
  if (given.script !== undefined) await writeFile(path.join(root, 'sample-script'), given.script)
  const model = await startScriptedModel(root, given.conversations)
  const budget = openBudget({ run: root, limits: { tokens: null, usdMicros: null }, onSpent() {} })
  const upstream = (name: string, dialect: Dialect) => ({
    name,
    dialect,
    base: dialect === 'openai' ? `${model.url}/v1` : model.url,
    key: `real-key-of-${name}-0123456789`,
  })
  const gateway = await startModelGateway({
    upstreams: [upstream('anthropic', 'anthropic'), upstream('openai', 'openai'), upstream('google', 'google')],
    budget,
    say: () => {},
  })
  const access: ModelAccess = {
    way: 'gateway',
    url: gateway.url,
    port: gateway.port,
    key: gateway.key,
    providers: ['anthropic', 'openai', 'google'],
  }
  const marker = path.basename(root)
  const plain = stepEnvironment({ home, tmp, marker }, [], {
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b',
  })
  const wall = heldWall(await detectHolding())
  const events: AgentEvent[] = []
  const stop = new AbortController()
  const asked = async () => (await model.requests()).filter((one) => one.side !== true)
  return {
    root,
    cwd,
    state,
    events,
    stop,
    task: (also = {}) => ({
      mode: 'edit',
      round: 1,
      attempt: 1,
      prompt: 'no prompt',
      title: 'a title',
      report: 'a report',
      plan: null,
      feedback: [],
      context: [],
      branch: 'refs/heads/vp/x-123abc',
      answers: [],
      resumed: false,
      cwd,
      folder: step,
      state,
      env: { ...plain, PATH: `${bin}:${plain['PATH']}`, [stepMarker]: marker },
      settings: null,
      wall,
      model: access,
      modelName: given.model ?? null,
      seconds: 120,
      signal: stop.signal,
      on: (event) => void (events.length < 10_000 && events.push(event)),
      decide: () => ({ decision: 'allow', why: 'a test' }),
      ...also,
    }),
    asked,
    told: async () => JSON.stringify((await asked()).map((one) => one.body)),
    alive: () => findProcesses({ marker, group: null, folder: null }),
    close: async () => {
      await gateway.close()
      await model.close()
      await rm(root, { recursive: true, force: true, maxRetries: 3 })
    },
  }
}
