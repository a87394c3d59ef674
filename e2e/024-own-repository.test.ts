// "Your own repository, with any command as agent" of the README, command by command as it is written there.
import { execFileSync } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, expect, test } from 'vitest'

import { localAdmin, signedIn, type Caller, type Json } from './testing/api.ts'
import { makePlace, ROOT } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Ended, type Running } from './testing/program.ts'
import { acceptBareRunners } from './testing/without-wall.ts'

const place = makePlace('own')
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8')
const section = readme.slice(readme.indexOf('## Your own repository'), readme.indexOf('## State of things'))
/** The commands of the section, in their order, as words. */
const commands = [...section.matchAll(/^npx (viewport|vpd) (.+)$/gm)].map(([, program, words]) => [
  program!,
  ...wordsOf(words!),
])
const blocks = (language: string): string[] =>
  [...section.matchAll(new RegExp(`^\`\`\`${language}\n([^]*?)^\`\`\``, 'gm'))].map(([, text]) => text!)
const running: Running[] = []
/** Where vpd can build no wall a token decides nothing: then it is the person at the printed address. */
let person: Caller
let bare = false

afterAll(async () => {
  for (const one of running.toReversed()) {
    one.child.kill('SIGINT')
    await one.ended
  }
  endAllOf(place.folder)
  place.remove()
})

test('every command does what the README says', { timeout: 180_000 }, async () => {
  const repository = makeRepository()
  writeAgent()
  const [policy, workflow] = blocks('yaml')
  const file = join(place.folder, 'bug-to-change.workflow.yaml')
  writeFileSync(file, workflow!)
  const policyFolder = join(place.home, '.viewport/runner')
  mkdirSync(policyFolder, { recursive: true })
  writeFileSync(
    join(policyFolder, 'policy.yaml'),
    policy!.replace('/usr/local/bin/my-agent', join(place.folder, 'my-agent')),
  )

  let pairing: Running | undefined
  const done: string[] = []
  const tell = async (words: string[]): Promise<Ended> => {
    const ended = await run(place, words[0] === 'vpd' ? vpdProgram : viewportProgram, words.slice(1), {
      VIEWPORT_DATA_DIR: place.data,
    })
    expect({ words, ...ended }).toMatchObject({ code: 0 })
    return ended
  }
  for (const words of commands) {
    const name = words.slice(0, 3).join(' ')
    done.push(name)
    if (name === 'viewport up') {
      running.push(start(place, viewportProgram, ['up', '--port', '0', '--data', place.data]))
      await running.at(-1)!.says(/Ctrl-C stops everything/)
    } else if (name === 'vpd pair --worker') {
      pairing = start(place, vpdProgram, words.slice(1))
      await pairing.says(/check there: \w+ \w+ \w+/)
    } else if (name === 'viewport runners approve') {
      const [, code = ''] = /code: (\S+)/.exec(pairing!.out())!
      const [, shown = ''] = /check there: (.+)/.exec(pairing!.out())!
      await tell(words.map((word) => (word === 'A4-X91-7QH' ? code : word === 'copper owl lagoon' ? shown : word)))
      expect(await pairing!.ended).toMatchObject({ code: 0, out: expect.stringContaining('my-agent') })
      bare = await acceptBareRunners(place)
      person = await signedIn(running[0]!.out())
    } else if (name === 'vpd worker start') {
      running.push(start(place, vpdProgram, words.slice(1)))
      await running.at(-1)!.says(/online/)
    } else if (name === 'viewport people change') {
      const [, me = ''] = /^(@\S+)/.exec((await tell(['viewport', 'people'])).out)!
      await tell(words.map((word) => (word === '@YOU' ? me : word)))
    } else if (name === 'viewport repositories add') {
      await tell(words.map((word) => (word.startsWith('https://') ? repository : word)))
    } else if (name === 'viewport runs 1') {
      // A person reads slower than the push takes; here it is waited for.
      expect(await start(place, viewportProgram, [...words.slice(1), '--follow']).ended).toMatchObject({ code: 0 })
      expect((await tell(words)).out).toContain('change open')
    } else {
      if (name === 'viewport inbox')
        expect(await asked(done.includes('viewport decide 1') ? 'change' : 'plan')).toHaveLength(1)
      if (bare && words.at(-1) === 'approve') await decideAsPerson((await openGates())[0]!.gate)
      else await tell(words)
    }
  }
  expect(done).toEqual([
    'viewport up',
    'viewport teams add',
    'viewport people change',
    'viewport repositories add',
    'vpd pair --worker',
    'viewport runners approve',
    'vpd worker start',
    'viewport compile bug-to-change.workflow.yaml',
    'viewport workflows save',
    'viewport run bug-to-change',
    'viewport inbox',
    'viewport decide 1',
    'viewport decide 1',
    'viewport inbox',
    'viewport decide 1',
    'viewport decide 1',
    'viewport runs 1',
    'viewport packet 1',
    'viewport keys -o',
    'vpd audit verify',
  ])
  const refs = git(join(place.folder, 'api.git'), 'for-each-ref', '--format=%(refname)').split('\n')
  expect(refs).toEqual(['refs/heads/main', expect.stringMatching(/^refs\/heads\/vp\//)])
  expect(git(join(place.folder, 'api.git'), 'show', `${refs[1]}:src/price.js`)).toBe('export const price = 2')
})

test(
  'a gate before git.merge: what it shows is merged once it is approved, and the packet says so',
  { timeout: 180_000 },
  async () => {
    const [, readmes] = blocks('yaml')
    const file = join(place.folder, 'merged.workflow.yaml')
    writeFileSync(
      file,
      `${readmes!.replace(/^name: .*$/m, 'name: merged').replace(/^(approvals|actions):.*\n(?:[ -].*\n)*/gm, '')}
approvals: [pr_approval, git.merge]
actions: [git.open_change, git.merge]
`,
    )
    const tell = async (...words: string[]): Promise<string> => {
      const ended = await run(place, viewportProgram, words, { VIEWPORT_DATA_DIR: place.data })
      expect({ words, ...ended }).toMatchObject({ code: 0 })
      return ended.out
    }
    await tell('workflows', 'save', file, '--enable')
    await tell('run', 'merged', '--text', 'The price is wrong, again')
    const [change] = await asked('change')
    const approve = (gate: string) => (bare ? decideAsPerson(gate) : tell('decide', gate, 'approve'))
    await approve(change!)
    const [merge] = await asked('action')
    const remote = join(place.folder, 'api.git')
    const before = git(remote, 'rev-parse', 'refs/heads/main')
    const card = await tell('decide', merge!)
    expect(card).toContain('git.merge')
    expect(card).toContain('src/price.js')
    expect(git(remote, 'rev-parse', 'refs/heads/main')).toBe(before)
    await approve(merge!)
    expect(await start(place, viewportProgram, ['runs', '2', '--follow']).ended).toMatchObject({ code: 0 })
    expect(git(remote, 'show', 'refs/heads/main:src/price.js')).toBe('export const price = 2')
    const packet = join(place.folder, 'merged.packet.zip')
    await tell('packet', '2', '-o', packet)
    const keys = join(place.folder, 'keys-of-merged.json')
    await tell('keys', '-o', keys)
    expect(await run(place, vpdProgram, ['audit', 'verify', packet, '--key', keys])).toMatchObject({ code: 0 })
  },
)

test(
  'a merge that git cannot do leaves the change open with the reason, until it is merged or closed',
  { timeout: 180_000 },
  async () => {
    const [work, remote] = [join(place.folder, 'work'), join(place.folder, 'api.git')]
    const main = git(remote, 'rev-parse', 'refs/heads/main')
    git(work, 'pull', '--quiet', remote, 'main')
    writeFileSync(join(work, 'src/price.js'), 'export const price = 3\n')
    git(work, 'commit', '--quiet', '--all', '--message', 'Three')
    git(work, 'push', '--quiet', remote, 'HEAD:main')
    const admin = localAdmin(place.data)
    const stands = async () => (await admin.get('/api/runs/1'))['change']
    const settled = () => expect.poll(async () => (await stands()).state, { timeout: 60_000 })
    const { id, digest } = await stands()
    const merge = () => (bare ? person : admin).send('POST', `/api/changes/${id}/merge`, { digest })
    await merge()
    await settled().toBe('open')
    expect((await stands()).failure.summary).toContain('src/price.js')
    expect((await run(place, viewportProgram, ['runs', '1'])).out).toContain('not merged')
    expect(git(remote, 'show', 'refs/heads/main:src/price.js')).toBe('export const price = 3')
    // Somebody takes the conflict away; the same change can be merged.
    git(work, 'push', '--quiet', '--force', remote, `${main}:main`)
    await merge()
    await settled().toBe('merged')
    expect((await stands()).failure).toBeNull()
  },
)

/** The command says where to decide, and the person does. */
const decideAsPerson = async (gate: string): Promise<void> => {
  const refused = await run(place, viewportProgram, ['decide', gate, 'approve'], { VIEWPORT_DATA_DIR: place.data })
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('Decide in the browser') })
  const { digest } = await person.get(`/api/gates/${gate}`)
  await person.send('POST', `/api/gates/${gate}/decisions`, { verdict: 'approve', digest })
}

const openGates = async (): Promise<{ gate: string; kind: string }[]> =>
  ((JSON.parse((await run(place, viewportProgram, ['inbox', '--json'])).out) as Json)['open'] ?? []) as {
    gate: string
    kind: string
  }[]

/** The gates of a kind that wait, as soon as there are some. */
const asked = async (kind: string): Promise<string[]> => {
  let gates: string[] = []
  await expect
    .poll(
      async () => {
        gates = (await openGates()).filter((one) => one.kind === kind).map((one) => one.gate)
        return gates.length
      },
      { timeout: 60_000 },
    )
    .toBeGreaterThan(0)
  return gates
}

const git = (folder: string, ...words: string[]): string =>
  execFileSync('git', ['-C', folder, '-c', 'user.name=n', '-c', 'user.email=n@example.com', ...words], {
    encoding: 'utf8',
    env: place.env,
  }).trim()

/** A repository with a failing test, behind a bare remote; its URL. */
function makeRepository(): string {
  const [work, remote] = [join(place.folder, 'work'), join(place.folder, 'api.git')]
  mkdirSync(join(work, 'src'), { recursive: true })
  writeFileSync(
    join(work, 'package.json'),
    '{ "name": "api", "type": "module", "scripts": { "test": "node --test" } }\n',
  )
  writeFileSync(join(work, 'src/price.js'), 'export const price = 1\n')
  writeFileSync(
    join(work, 'src/price.test.js'),
    "import assert from 'node:assert'\nimport { test } from 'node:test'\nimport { price } from './price.js'\ntest('the price', () => assert.equal(price, 2))\n",
  )
  git(work, 'init', '--quiet', '--initial-branch=main')
  git(work, 'add', '--all')
  git(work, 'commit', '--quiet', '--message', 'One')
  git(place.folder, 'clone', '--quiet', '--bare', work, remote)
  return `file://${remote}`
}

/** A command that plans when it may only read, and else changes the price. */
function writeAgent(): void {
  const file = join(place.folder, 'my-agent')
  writeFileSync(
    file,
    '#!/bin/sh\necho "1. Set the price in src/price.js to 2."\nsed -i "s/= 1/= 2/" src/price.js 2>/dev/null || true\n',
  )
  chmodSync(file, 0o755)
}

/** Words of a line as a shell reads them, as far as the README needs it: quotes and a comment at the end. */
function wordsOf(line: string): string[] {
  return [...line.replace(/\s+#.*$/, '').matchAll(/"([^"]*)"|(\S+)/g)].map(([, inQuotes, bare]) => inQuotes ?? bare!)
}
