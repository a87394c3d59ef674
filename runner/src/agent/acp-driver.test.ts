/** Does an agent that speaks the protocol badly get no further than it may? Each is a real process. */
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { noModel } from '../model/access.ts'
import { stepEnvironment } from '../process/environment.ts'
import { detectHolding } from '../process/isolation.ts'
import { findProcesses } from '../process/sweep.ts'
import { heldWall } from '../walls/held.ts'
import type { AcpAgent } from './acp-config.ts'
import { acpDriver } from './acp-driver.ts'
import type { AgentEnd, AgentTask } from './driver.ts'
import type { AgentEvent } from './event.ts'

const program = fileURLToPath(new URL('./testing/acp-agent.mjs', import.meta.url))
const wall = heldWall(await detectHolding())

let root = ''
let events: AgentEvent[] = []
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'vpd-acp-'))
  events = []
  for (const folder of ['tree', 'state', 'home', 'tmp']) await mkdir(path.join(root, folder))
})
afterEach(async () => {
  expect(await findProcesses({ marker: path.basename(root), group: null, folder: null })).toEqual([])
  await rm(root, { recursive: true })
})
const run = (behaviour: string, also: Partial<AgentTask> = {}, agent: Partial<AcpAgent> = {}): Promise<AgentEnd> =>
  acpDriver(
    'mine',
    {
      argv: [process.execPath, program, behaviour, path.join(root, 'heard')],
      modes: ['plan', 'read', 'edit', 'review'],
      asking: ['careful'],
      model: null,
      models: [],
      env: {},
      files: {},
      resume: 'session',
      titleIsCommand: false,
      ...agent,
    },
    null,
  ).run({
    mode: 'edit',
    round: 1,
    attempt: 1,
    prompt: 'the prompt',
    title: 'a title',
    report: '',
    plan: null,
    feedback: [],
    context: [],
    branch: 'refs/heads/vp/x-123abc',
    answers: [],
    resumed: false,
    modelName: null,
    cwd: path.join(root, 'tree'),
    folder: root,
    state: path.join(root, 'state'),
    env: stepEnvironment({ home: path.join(root, 'home'), tmp: path.join(root, 'tmp'), marker: path.basename(root) }),
    settings: null,
    wall,
    model: noModel,
    seconds: 60,
    signal: new AbortController().signal,
    on: (event) => void events.push(event),
    decide: () => ({ decision: 'allow', why: 'a test' }),
    ...also,
  })
const heard = async (): Promise<{ method?: string; params?: unknown }[]> =>
  (await readFile(path.join(root, 'heard'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { method?: string })
const methods = async (): Promise<(string | undefined)[]> => (await heard()).map((one) => one.method)

describe('is not prompted unless it asks', () => {
  it.each<[string, Partial<AcpAgent>, RegExp]>([
    ['no-such-mode', {}, /agent_does_not_ask: .* it has no mode careful/],
    ['refuses-mode', {}, /agent_does_not_ask: .* refused its mode careful: .*not now/],
    ['no-modes', {}, /agent_does_not_ask: .* it has no mode careful/],
    ['option-stays', {}, /agent_does_not_ask: .* did not go to its mode careful/],
    ['option', { asking: ['other'] }, /agent_does_not_ask: .* it has no mode other/],
    ['option', { asking: [] }, /agent_does_not_ask: .* it has modes, and none is named/],
    ['plain', { asking: [] }, /agent_does_not_ask: .* it has modes, and none is named/],
  ])('%s', async (behaviour, agent, says) => {
    await expect(run(behaviour, {}, agent)).rejects.toThrow(says)
    expect(await methods()).not.toContain('session/prompt')
  })
  it('is set to that mode also when it says it is in it, on a new session and on one that goes on', async () => {
    expect(await run('says-it-asks')).toMatchObject({ end: 'finished', text: 'done' })
    expect(await methods()).toEqual(['initialize', 'session/new', 'session/set_mode', 'session/prompt'])
    await rm(path.join(root, 'heard'))
    expect(await run('says-it-asks', { resumed: true })).toMatchObject({ end: 'finished', text: 'done' })
    expect(await methods()).toEqual(['initialize', 'session/load', 'session/set_mode', 'session/prompt'])
    expect(JSON.stringify(events)).not.toContain('an old word') // told again, no news
  })
  it.each(['goes-over', 'option-goes-over'])('is stopped when it goes over to another mode: %s', async (behaviour) => {
    await expect(run(behaviour)).rejects.toThrow(/agent_does_not_ask: .* went over to its mode free/)
  })
  it.each(['m', 'n'])(
    'is given the model %s by the option of its sessions, also behind its provider',
    async (modelName) => {
      const meta = { mine: { model: '{model}', deep: [1, { home: '{home}' }] } }
      expect(await run('option', { modelName }, { model: 'option', meta })).toMatchObject({ end: 'finished' })
      const heard = (await readFile(path.join(root, 'heard'), 'utf8')).split('\n').filter(Boolean)
      const sent = heard.map((line) => JSON.parse(line) as { method: string; params: Record<string, unknown> })
      expect(sent.map(({ method }) => method)).toEqual([
        'initialize',
        'session/new',
        'session/set_config_option',
        'session/set_config_option',
        'session/prompt',
      ])
      expect(sent[1]!.params['_meta']).toEqual({
        mine: { model: modelName, deep: [1, { home: path.join(root, 'home') }] },
      })
      expect(sent[3]!.params).toMatchObject({ configId: 'model', value: modelName === 'm' ? 'm' : 'acme/n' })
    },
  )
  it.each([
    ['option', 'x', /model_not_taken: .* given the model x: it offers m, acme\/n/],
    ['option-model-stays', 'n', /model_not_taken: .* it did not go to it/],
    ['runs', 'n', /model_not_taken: .* no option for it/],
  ])('%s: is not prompted when it cannot be given the model %s', async (behaviour, modelName, why) => {
    await expect(run(behaviour, { modelName }, { model: 'option' })).rejects.toThrow(why)
    expect(await methods()).not.toContain('session/prompt')
  })
  it('is set to that mode also where modes are an option among others', async () => {
    expect(await run('option')).toMatchObject({ end: 'finished', text: 'done' })
    expect(await methods()).toEqual(['initialize', 'session/new', 'session/set_config_option', 'session/prompt'])
  })
  it('that has no modes is prompted when its owner says that it always asks', async () => {
    expect(await run('no-modes', {}, { asking: [] })).toMatchObject({ end: 'finished', text: 'done' })
  })
})

describe('hears yes for once, or no', () => {
  it.each<[string, string, Partial<AgentTask>]>([
    ['runs', 'once', {}],
    ['runs', 'no', { decide: () => ({ decision: 'deny', why: 'a test' }) }],
    ['no-command', 'no', {}], // a title is not a command
    ['edits', 'once', {}],
    ['edits', 'no', { mode: 'plan' }],
    ['edits-outside', 'no', {}],
  ])('%s: %s', async (behaviour, option, also) => {
    const end = await run(behaviour, also)
    expect(end).toMatchObject({ text: JSON.stringify({ outcome: { outcome: 'selected', optionId: option } }) })
  })
  it('never for good', async () => {
    expect(await run('only-for-good')).toMatchObject({ text: '{"outcome":{"outcome":"cancelled"}}' })
  })
  it('and never the files of this machine through vpd', async () => {
    const end = await run('files')
    expect(end).toMatchObject({ text: expect.stringContaining('"code":-32601') as string })
    const [first] = await heard()
    expect(first?.params).toMatchObject({ clientCapabilities: { fs: { readTextFile: false, writeTextFile: false } } })
  })
})

describe('with the login of its owner', () => {
  const login = async (): Promise<Partial<AgentTask>> => {
    const file = path.join(root, 'owners-login')
    await writeFile(file, 'never read', { mode: 0o600 })
    return { model: { way: 'login', agent: 'mine', paths: [file] } }
  }
  const lent = { at: '.mine/login', env: { QUIET: 'yes' }, files: { '.mine/settings': 'by login' }, openSeconds: 1 }

  it('finds it where it looks, with no address of a gateway; afterwards it lies where it lay alone', async () => {
    const env = { MINE_KEY: '{key}', MINE_URL: '{openai}', OWN: 'kept' }
    const agent = { models: ['openai'], env, files: { '.mine/settings': 'by key', '.mine/more': 'x' }, login: lent }
    const said = await run('shows', await login(), agent)
    expect(JSON.parse(said.end === 'finished' ? said.text : '')).toEqual({
      login: 'never read',
      settings: 'by login',
      more: 'x',
      env: { QUIET: 'yes', OWN: 'kept' },
    })
    expect((await stat(path.join(root, 'owners-login'))).nlink).toBe(1)
    expect(await readdir(path.join(root, 'home', '.mine'))).toEqual(['more', 'settings'])
  })
  it('that waits for somebody to sign in is ended, and says what to do', async () => {
    await expect(run('waits-for-a-login', await login(), { models: ['openai'], login: lent })).rejects.toThrow(
      /^login_not_taken: .* within 1 seconds/,
    )
  })
  it('is refused where nobody knows how to lend it', async () => {
    await expect(run('runs', await login(), { models: ['openai'] })).rejects.toThrow(/^login_not_supported: /)
  })
})

it('parks at an ask, is told to stop, and hears the answer where it cannot open its session again', async () => {
  const decide = () => ({ decision: 'ask', why: 'a person decides' }) as const
  const end = await run('runs', { decide })
  expect(end).toMatchObject({ end: 'parked', ask: { argv: ['bash', '-c', 'npm test'] } })
  expect(await methods()).toContain('session/cancel')
  if (end.end !== 'parked') return
  await rm(path.join(root, 'heard'))
  await run('cannot-load', { decide, resumed: true, answers: [{ ask: end.ask.ask, allow: true, text: 'go' }] })
  const prompt = JSON.stringify((await heard()).find((one) => one.method === 'session/prompt')?.params)
  for (const words of ['the prompt', 'npm test', 'They wrote: go', 'It is allowed, once'])
    expect(prompt).toContain(words)
})
it('that dies with a question open is over at once', async () => {
  await expect(run('dies')).rejects.toThrow(/agent_failed: .* exit code 7/)
})
it('whose model declines says so', async () => {
  await expect(run('refuses')).rejects.toThrow(/model_declined/)
})
it('is heard to its last word, also when that comes after the end of its turn', async () => {
  expect(await run('late')).toMatchObject({ end: 'finished', text: 'the last word' })
})
it('that does not go when its work is done is ended, with what it started', async () => {
  expect(await run('stubborn')).toMatchObject({ end: 'finished', text: 'done' })
})
