/** What every driver must do, whatever agent stands behind it. One suite; each entry brings its own way to make the agent behave. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sampleFiles } from '../work/job.fixture.ts'
import { plainGit, writeFiles } from '../git/remote.fixture.ts'
import { stepEnvironment } from '../process/environment.ts'
import { detectHolding } from '../process/isolation.ts'
import { findProcesses } from '../process/sweep.ts'
import { heldWall } from '../walls/held.ts'
import type { AgentTask, Driver } from './driver.ts'
import { noModel } from '../model/access.ts'
import { driversOf } from './drivers.ts'
import type { AgentEvent } from './event.ts'
import { plainText } from './plain-text.ts'

let root = ''
let home = ''
let cwd = ''
let marker = ''
let events: AgentEvent[] = []
let stop = new AbortController()
beforeEach(async () => {
  root = await mkdtemp(path.join(tmpdir(), 'vpd-agent-'))
  home = path.join(root, 'home')
  cwd = path.join(root, 'step', 'shop')
  marker = path.basename(root)
  events = []
  stop = new AbortController()
  for (const folder of [home, cwd, path.join(root, 'state'), path.join(root, 'tmp')])
    await mkdir(folder, { recursive: true })
  await writeFiles(cwd, await sampleFiles())
  plainGit(cwd, 'init', '-q', '-b', 'main')
  plainGit(cwd, 'add', '-A', '-f')
  plainGit(cwd, 'commit', '-q', '-m', 'start')
})
afterEach(() => rm(root, { recursive: true, force: true }))

const wall = heldWall(await detectHolding())
const task = (also: Partial<AgentTask> = {}): AgentTask => ({
  mode: 'plan',
  round: 1,
  attempt: 1,
  prompt: 'the whole prompt, with ümlauts and {braces}\n',
  title: 'a title',
  report: 'a report',
  plan: null,
  feedback: [],
  context: [],
  branch: 'refs/heads/vp/x-123abc',
  answers: [],
  resumed: false,
  modelName: null,
  cwd,
  folder: path.join(root, 'step'),
  state: path.join(root, 'state'),
  env: stepEnvironment({ home: path.join(root, 'tmp'), tmp: path.join(root, 'tmp'), marker }, [], {
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_AUTHOR_NAME: 'a',
    GIT_AUTHOR_EMAIL: 'a@b',
    GIT_COMMITTER_NAME: 'a',
    GIT_COMMITTER_EMAIL: 'a@b',
  }),
  settings: null,
  wall,
  model: noModel,
  seconds: 20,
  signal: stop.signal,
  on: (event) => void (events.length < 1_000 && events.push(event)), // one agent here writes without end
  decide: () => ({ decision: 'ask', why: 'a test' }),
  ...also,
})

type Behaviour = 'works' | 'fails' | 'dies' | 'hangs' | 'endless'
type Entry = { name: string; driver(behaviour: Behaviour): Promise<Driver> }

const shell: Record<Behaviour, string> = {
  works: `cat > prompt; printf '# A plan\\n\\n- \`src/price.js\`\\n'; echo noise >&2; sed -i 's/0/1/' src/price.js`,
  fails: 'echo broken >&2; exit 3',
  dies: 'kill -9 $$',
  hangs: 'trap "" TERM; setsid sleep 1000 & while :; do sleep 0.1; done',
  endless: 'yes "again and again"',
}
const words: Record<Behaviour, string> = {
  works: '',
  fails: ':fail',
  dies: ':die',
  hangs: ':hang',
  endless: ':endless',
}
const configured = (promptAs: 'stdin' | 'argument', argv: string[]) =>
  driversOf({
    home,
    passEnvironment: [],
    commands: { mine: { argv, promptAs, modes: ['plan', 'read', 'edit', 'review'] } },
  }).find((one) => one.name === 'mine') as Driver

const entries: Entry[] = [
  {
    name: 'command, prompt on standard input',
    driver: async (behaviour) => configured('stdin', ['/bin/sh', '-c', shell[behaviour]]),
  },
  {
    name: 'command, prompt as argument',
    driver: async (behaviour) =>
      configured('argument', [
        '/bin/sh',
        '-c',
        shell[behaviour].replace('cat > prompt', 'printf "%s" "$1" > prompt'),
        'sh',
        '{prompt}',
      ]),
  },
  {
    name: 'sample',
    driver: async (behaviour) => {
      await writeFile(path.join(home, 'sample-script'), `${words[behaviour]} edit:no-push`)
      return driversOf({ home, passEnvironment: [], commands: {} })[0] as Driver
    },
  },
]

describe.each(entries)('the driver of $name', ({ driver }) => {
  const nothingLeft = async () => expect(await findProcesses({ marker, group: null, folder: null })).toEqual([])

  it('says what is there, and keeps the promises that do not rest on the agent', async () => {
    const one = await driver('works')
    expect(await one.detect()).toMatchObject({ name: one.name, usable: true, modes: one.modes })
    expect(one.abilities).toMatchObject({ readOnly: 'vpd', pushes: 'vpd', timeLimit: 'vpd' })
  })

  it('brings a text, says what happens meanwhile, and leaves no process', async () => {
    const end = await (await driver('works')).run(task())
    expect(end).toMatchObject({ end: 'finished', text: expect.stringContaining('`src/price.js`') as string })
    expect(events.length).toBeGreaterThan(0)
    await nothingLeft()
  })

  it('changes files in edit mode', async () => {
    await (await driver('works')).run(task({ mode: 'edit' }))
    expect(
      plainGit(cwd, 'diff', 'main@{0}', '--name-only') + plainGit(cwd, 'log', '--name-only', '--format='),
    ).toContain('src/price.js')
  })

  it.each<[Behaviour, RegExp]>([
    ['fails', /agent_failed: .* exit code 3/],
    ['dies', /agent_killed: .* signal 9/],
  ])('that %s: a failure with what to look at', async (behaviour, says) => {
    await expect((await driver(behaviour)).run(task())).rejects.toThrow(says)
    await nothingLeft()
  })

  it.each<Behaviour>(['hangs', 'endless'])(
    'that %s: stopped at the time limit, with all its children',
    async (behaviour) => {
      await expect((await driver(behaviour)).run(task({ seconds: 1 }))).rejects.toThrow(/time_limit: .* 1 seconds/)
      await nothingLeft()
    },
  )

  it('is stopped when the run is', async () => {
    const running = (await driver('hangs')).run(task())
    setTimeout(() => stop.abort('cancelled'), 300)
    await expect(running).rejects.toThrow(/cancelled/)
    await nothingLeft()
  })
})

describe('the command driver', () => {
  it('hands the prompt over as it is', async () => {
    for (const entry of entries.slice(0, 2)) {
      await (await entry.driver('works')).run(task())
      expect(await readFile(path.join(cwd, 'prompt'), 'utf8')).toBe('the whole prompt, with ümlauts and {braces}\n')
    }
  })
  it('appends the prompt where the arguments have no place for it, and never puts it into a shell', async () => {
    const end = await configured('argument', ['/bin/echo', '-n']).run(task({ prompt: '$(touch x); `touch x`' }))
    expect(end).toMatchObject({ text: '$(touch x); `touch x`' })
  })
  it('refuses a prompt that is too long for an argument', async () => {
    await expect(configured('argument', ['/bin/echo']).run(task({ prompt: 'x'.repeat(200_000) }))).rejects.toThrow(
      /prompt_too_long/,
    )
  })
  it('reads standard output as text: no colours, no overwritten lines', async () => {
    const end = await configured('stdin', [
      '/usr/bin/printf',
      '\\033[31mred\\033[0m\\r\\nprogress 1\\rdone\\n\\033]0;title\\007x\\000y',
    ]).run(task())
    expect(end).toMatchObject({ text: 'red\ndone\nxy' })
  })
  it('refuses an answer without an end, except as the summary of an edit', async () => {
    const loud = configured('stdin', ['/bin/sh', '-c', 'head -c 2000000 /dev/zero | tr "\\\\0" x'])
    await expect(loud.run(task())).rejects.toThrow(/answer_too_long/)
    expect(await loud.run(task({ mode: 'edit' }))).toMatchObject({ end: 'finished' })
  })
  it('says that its program is not here', async () => {
    const gone = configured('stdin', ['not-a-program-anywhere'])
    expect(await gone.detect()).toMatchObject({ usable: false, note: 'not-a-program-anywhere is not on this machine' })
    await expect(gone.run(task())).rejects.toThrow(/agent_not_here/)
  })
  it('reads a megabyte without a line end in no time, whatever it holds', () => {
    const began = performance.now()
    for (const text of ['x', '\u001b', '\u001b]', '\u001b[', '\r', '\u001bP', 'a\r']) plainText(text.repeat(500_000))
    expect(performance.now() - began).toBeLessThan(3_000)
  })
  it('tells no usage: not known, never zero', async () => {
    expect((await configured('stdin', ['/bin/echo', 'x']).run(task())).usage).toEqual({
      inputTokens: null,
      outputTokens: null,
      cachedTokens: null,
      usdMicros: null,
      source: 'unavailable',
    })
  })
})

describe('the sample driver', () => {
  const sample = async (script: string) => {
    await writeFile(path.join(home, 'sample-script'), script)
    return driversOf({ home, passEnvironment: [], commands: {} })[0] as Driver
  }
  it('takes what is no message as output, and goes on', async () => {
    expect(await (await sample('plan:garbage')).run(task())).toMatchObject({ end: 'finished' })
    const output = events.flatMap((event) => (event.event === 'output' ? [Buffer.from(event.bytes).toString()] : []))
    expect(output).toContain('not a message\n')
    expect(output).toContain('{"type":"unknown"}\n')
  })
  it('asks the policy, and goes on when it allows or denies', async () => {
    for (const decision of ['allow', 'deny'] as const) {
      await rm(path.join(root, 'state', 'session.json'), { force: true })
      const end = await (
        await sample('edit:ask edit:no-push')
      ).run(task({ mode: 'edit', decide: () => ({ decision, why: 'a rule' }) }))
      expect(end.end).toBe('finished')
      expect(events.filter((event) => event.event === 'permission').at(-1)).toMatchObject({
        command: ['git', 'log', '--oneline', '-5'],
        decision,
        why: 'a rule',
      })
    }
  })
  it('is parked by an ask: its process is gone, its state is there', async () => {
    const end = await (await sample('edit:ask edit:no-push')).run(task({ mode: 'edit' }))
    expect(end).toMatchObject({ end: 'parked', ask: { argv: ['git', 'log', '--oneline', '-5'], choices: [] } })
    expect(await findProcesses({ marker, group: null, folder: null })).toEqual([])
    expect(JSON.parse(await readFile(path.join(root, 'state', 'session.json'), 'utf8'))).toMatchObject({ answered: {} })
  })
  it('says that it cannot mend what it does not know', async () => {
    await writeFile(path.join(cwd, 'src', 'price.js'), 'export const orderTotal = () => 0\n')
    await expect((await sample('')).run(task())).rejects.toThrow(/agent_failed/)
    expect(events.map((event) => ('text' in event ? event.text : '')).join('\n')).toContain(
      'I cannot go on: I do not understand src/price.js',
    )
  })
})
