// `viewport try` on a repository of one's own: what it says before, what it changes and when, and what it refuses. The agent is the sample's script;
// 043 does the same with the real Claude Code.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { localAdmin, signedIn } from './testing/api.ts'
import { makeOwnRepository } from './testing/own-repository.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf, processesOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram } from './testing/program.ts'
import { talk, type Talking } from './testing/talk.ts'

const place = makePlace('try')
const repository = makeOwnRepository(place)
const task = 'Three mugs with 10 % off cost one cent too much'
const words = ['--data', place.data, '--port', '0']

afterAll(() => {
  endAllOf(place.folder)
  place.remove()
})

test(
  'one task from the first look to the branch; nothing is written before the change is approved',
  { timeout: 300_000 },
  async () => {
    const before = repository.everything()
    const trying = talk(place, ['try', repository.folder, task, '--agent', 'sample', '--decide-here', ...words])
    await trying.says(/Press Enter to go on/)
    const said = trying.out()
    expect(said).toMatch(/Task +Three mugs/)
    expect(said).toMatch(/main at [0-9a-f]{10}/)
    expect(said).toMatch(/One file of yours is not committed \(README\.md\)/)
    expect(said).toMatch(/origin \(git\.acme\.example\/acme\/shop\.git\); nothing is fetched from or pushed/)
    expect(said).not.toContain('secret-word')
    expect(said).toMatch(/Checks +npm test, from package\.json/)
    expect(said).toMatch(/Cost +nothing: it is a script/)
    expect(said).toMatch(/Leaves +nothing: it is a script/)
    expect(existsSync(place.data)).toBe(false) // nothing was started yet
    trying.type('')

    await trying.says(/http:\/\/\S+\/sign-in#\S+/)
    await trying.says(/approve, reject, or changes WORDS/)
    expect(trying.out()).toMatch(/Would touch src\/price\.js/)
    expect(repository.everything()).toEqual(before)
    trying.type('what is this')
    trying.type('approve')

    await trying.says(/refs\/heads\/vp\/\S+, tree/, 120_000)
    await trying.saysTimes(/approve, reject, or changes WORDS/g, 3)
    expect(repository.everything()).toEqual(before)
    trying.type('approve')

    await trying.says(/Make this a workflow\?/, 120_000)
    const [, ref = '', commit = ''] = /is the branch (vp\/\S+) at ([0-9a-f]{10})/.exec(trying.out()) ?? []
    expect(repository.git('rev-parse', `refs/heads/${ref}`).slice(0, 10)).toBe(commit)
    trying.type('try-shop')
    await trying.says(/There is a workflow try-shop already/)
    trying.type('Fix rounding')
    expect(await trying.ended).toMatchObject({ code: 0 })
    expect(trying.out()).toMatch(/^ {2}name: fix-rounding$/m)
    expect(trying.out()).toMatch(/fix-rounding v1 is saved in the workspace and enabled/)

    // One branch and what git keeps for it; all else is as it was.
    expect(repository.git('for-each-ref', '--format=%(refname)').split('\n')).toEqual([
      'refs/heads/main',
      `refs/heads/${ref}`,
    ])
    expect(repository.git('diff', '--name-only', 'main', ref)).toMatch(/^src\/price\.js$/m)
    const after = repository.everything()
    const changed = Object.keys({ ...before, ...after }).filter((name) => before[name] !== after[name])
    expect(changed.filter((name) => !/^\.git(\/(objects|refs|logs)(\/.*)?)?$/.test(name))).toEqual([])
    expect(repository.git('status', '--porcelain')).toBe('M README.md')
    // What it says can be done with the branch, can.
    const [, throwAway = ''] = /throw it away +(git .*)$/m.exec(trying.out()) ?? []
    execFileSync('sh', ['-c', throwAway], { env: place.env })
    expect(repository.git('for-each-ref', '--format=%(refname)')).toBe('refs/heads/main')
  },
)

test('a second try finds everything there; what is rejected leaves no branch', { timeout: 300_000 }, async () => {
  const before = repository.everything()
  const trying = talk(place, ['try', repository.folder, task, '--agent', 'sample', '--decide-here', ...words])
  await trying.says(/Press Enter to go on/)
  trying.type('')
  await trying.says(/approve, reject, or changes WORDS/, 120_000)
  trying.type('reject Not now')
  expect(await trying.ended).toMatchObject({ code: 1 })
  expect(trying.out()).toMatch(/No branch was pushed; the repository is as it was\./)
  expect(repository.everything()).toEqual(before)
})

test('a Viewport of yours that runs is used and goes on, a worker of yours too', { timeout: 300_000 }, async () => {
  const data = join(place.folder, 'mine')
  const up = start(place, viewportProgram, ['up', '--port', '0', '--data', data])
  await up.says(/Ctrl-C stops everything/)
  const tryHere = async (): Promise<Talking> => {
    const trying = talk(place, ['try', repository.folder, task, '--agent', 'sample', '--decide-here', '--data', data])
    await trying.says(/Press Enter to go on/)
    trying.type('')
    await trying.says(/Open http:\/\/\S+\/inbox\/gate_\S+ {2}\(not signed in\?/, 120_000)
    await trying.says(/approve, reject, or changes WORDS/)
    trying.type('reject Not now')
    expect(await trying.ended).toMatchObject({ code: 1 })
    return trying
  }
  expect((await tryHere()).err()).not.toMatch(/control plane answers/)
  const { url } = localAdmin(data)
  const worker = start(place, vpdProgram, ['worker', 'start', '--server', url])
  await worker.says(/online/)
  expect((await tryHere()).err()).toMatch(/a worker of this runner runs already and is used/)
  expect([up.child.exitCode, worker.child.exitCode]).toEqual([null, null])
  for (const one of [worker, up]) {
    one.child.kill('SIGINT')
    await one.ended
  }
})

test(
  'a command of yours without a wall: the word accept, a cost that is not known, and the gate says so',
  { timeout: 300_000 },
  async () => {
    const home = join(place.folder, 'unwalled')
    mkdirSync(home, { mode: 0o700 })
    const agent = join(place.folder, 'mine.sh')
    writeFileSync(agent, 'printf "# Nothing\\n\\n1. Look.\\n\\n## Files\\n\\n- `src/price.js`\\n"\n')
    writeFileSync(
      join(home, 'policy.yaml'),
      `walls: { level: none }\ncommands:\n  mine: { argv: [/bin/sh, ${agent}], modes: [plan, edit] }\n`,
    )
    const ask = async (): Promise<Talking> => {
      const trying = talk(place, [
        'try',
        repository.folder,
        task,
        '--agent',
        'mine',
        '--home',
        home,
        '--decide-here',
        ...words,
      ])
      await trying.says(/Type "accept"/)
      return trying
    }
    const no = await ask()
    expect(no.out()).toMatch(/Wall +none: agent and checks can do all that the account of vpd can on its machine/)
    expect(no.out()).toMatch(/Cost +not known: what it uses does not pass through the gateway/)
    expect(no.out()).toMatch(/Leaves +what this command sends by itself: .*can reach the network besides/)
    no.type('')
    expect(await no.ended).toMatchObject({ code: 1, err: expect.stringContaining('Nothing was started.') })
    const yes = await ask()
    yes.type('accept')
    // An agent without a wall could read what the terminal decides with: it is decided at the address.
    await yes.says(/one could read this token: it decides nothing/, 120_000)
    await yes.says(/Agent +mine.*isolation: none/)
    const person = await signedIn(yes.out())
    const [gate] = (await person.get('/api/inbox'))['open']
    const { digest } = await person.get(`/api/gates/${gate.gate}`)
    await person.send('POST', `/api/gates/${gate.gate}/decisions`, { verdict: 'reject', digest, comment: 'no' })
    expect(await yes.ended).toMatchObject({ code: 1 })
  },
)

test('stopped in between it ends everything in order, and the run is kept', { timeout: 300_000 }, async () => {
  const trying = talk(place, ['try', repository.folder, task, '--agent', 'sample', ...words])
  await trying.says(/Press Enter to go on/)
  trying.type('')
  await trying.says(/It waits for you/, 120_000)
  trying.child.kill('SIGINT')
  expect(await trying.ended).toMatchObject({ code: 130, err: expect.stringMatching(/A run that had begun is kept/) })
  expect(processesOf(place.folder)).toEqual([])
})

test('without an answer nothing is started', { timeout: 60_000 }, async () => {
  const ended = await run(place, viewportProgram, ['try', repository.folder, task, '--agent', 'sample', ...words])
  expect(ended).toMatchObject({ code: 1 })
  expect(ended.err).toMatch(/Nobody answered, so nothing was started/)
  const no = talk(place, ['try', repository.folder, task, '--agent', 'sample', ...words])
  await no.says(/Press Enter to go on/)
  no.type('no')
  expect(await no.ended).toMatchObject({ code: 1, err: expect.stringContaining('Nothing was started.') })
})

const bad: [what: string, make: (folder: string) => string[], code: number, says: RegExp][] = [
  ['no folder', (folder) => [join(folder, 'missing')], 2, /There is no folder/],
  ['no repository', (folder) => [folder], 2, /is not a git repository/],
  ['inside .git', () => [join(repository.folder, '.git')], 2, /is inside a \.git folder/],
  [
    'no commits',
    (folder) => (git(folder, 'init', '-q', '-b', 'main'), [folder]),
    1,
    /The branch main has no commit yet/,
  ],
  [
    'detached',
    (folder) => (clone(folder), git(folder, 'checkout', '-q', '--detach'), [folder]),
    1,
    /HEAD is detached at [0-9a-f]+: .*\n.*--base NAME/,
  ],
  ['no such base', () => [repository.folder, '--base', 'nowhere'], 2, /There is no branch nowhere/],
  ['shallow', (folder) => (clone(folder, '--depth=1'), [folder]), 1, /is a shallow clone: .*\n.*git fetch --unshallow/],
  [
    'partial',
    (folder) => (clone(folder), git(folder, 'config', 'remote.origin.promisor', 'true'), [folder]),
    1,
    /is a partial clone/,
  ],
  ['sha-256', (folder) => (git(folder, 'init', '-q', '--object-format=sha256'), [folder]), 1, /SHA-256 object ids/],
  ['a blank in the path', (folder) => (clone(join(folder, 'my shop')), [join(folder, 'my shop')]), 1, /holds a blank/],
  ['no agent', () => [repository.folder], 1, /No coding agent was found on this machine/],
  ['unknown agent', () => [repository.folder, '--agent', 'nobody'], 2, /There is no agent nobody/],
  ['no key', () => [repository.folder, '--agent', 'claude'], 1, /claude cannot do it: there is no key for anthropic/],
]
test.each(bad)('refused: %s', { timeout: 60_000 }, async (what, make, code, says) => {
  const folder = join(place.folder, `bad-${what.replaceAll(/[^a-z]/g, '')}`)
  mkdirSync(folder)
  const [target = '', ...more] = make(folder)
  const env: Record<string, string> = {}
  if (what === 'no key') {
    const bin = join(folder, 'bin')
    mkdirSync(bin)
    writeFileSync(join(bin, 'claude'), '#!/bin/sh\necho "2.1.330 (Claude Code)"\n', { mode: 0o755 })
    env['PATH'] = `${bin}:${place.env['PATH']}`
  } else env['PATH'] = pathWithoutAgents()
  const ended = await run(place, viewportProgram, ['try', target, task, ...more, ...words], env)
  expect(ended).toMatchObject({ code })
  expect(ended.err).toMatch(says)
})

const good: [what: string, make: (folder: string) => string[], says: RegExp][] = [
  ['bare', (folder) => (clone(folder, '--bare'), [folder]), /It is bare/],
  ['a subfolder', () => [join(repository.folder, 'src')], /the whole of it is given to the agent/],
  [
    'a linked worktree',
    (folder) => (repository.git('worktree', 'add', '-q', join(folder, 'tree'), '-b', 'linked'), [join(folder, 'tree')]),
    /linked at [0-9a-f]{10}/,
  ],
  [
    'a link to a path with a blank',
    (folder) => (clone(join(folder, 'my shop')), symlinkSync('my shop', join(folder, 'shop')), [join(folder, 'shop')]),
    /my shop, main at/,
  ],
  [
    'a submodule',
    (folder) => (
      clone(folder),
      git(folder, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', repository.folder, 'lib'),
      git(folder, '-c', 'user.name=n', '-c', 'user.email=n@example.com', 'commit', '-q', '-m', 'Lib'),
      [folder]
    ),
    /It has 1 submodule \(lib\)\. They are not fetched/,
  ],
  ['another base', () => (repository.git('branch', 'other'), [repository.folder, '--base', 'other']), /other at/],
]
test.each(good)('taken, and told: %s', { timeout: 60_000 }, async (what, make, says) => {
  const folder = join(place.folder, `good-${what.replaceAll(/[^a-z]/g, '')}`)
  mkdirSync(folder)
  const [target = '', ...more] = make(folder)
  const ended = await start(place, viewportProgram, ['try', target, task, '--agent', 'sample', ...more, ...words]).ended
  expect(ended.out).toMatch(says)
  expect(ended).toMatchObject({ code: 1, err: expect.stringContaining('Nobody answered') })
})

function git(cwd: string, ...more: string[]): void {
  execFileSync('git', more, { cwd, env: place.env, stdio: ['ignore', 'ignore', 'pipe'] })
}

function clone(folder: string, ...more: string[]): void {
  mkdirSync(folder, { recursive: true })
  git(folder, 'clone', '-q', ...more, `file://${repository.folder}`, '.')
}

/** Folders with node, git and npm alone, so that no agent of this machine is found. */
function pathWithoutAgents(): string {
  const bin = join(place.folder, 'bin-without-agents')
  if (existsSync(bin)) return bin
  mkdirSync(bin)
  const search = (place.env['PATH'] ?? '').split(':')
  for (const name of ['node', 'git', 'npm', 'sh']) {
    const file = search.map((one) => join(one, name)).find((one) => existsSync(one))
    if (file) symlinkSync(file, join(bin, name))
  }
  return bin
}
