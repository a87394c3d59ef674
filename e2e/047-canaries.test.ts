// Does a secret leave? A run whose agent does what it can to carry one out: in the code, in commit messages, names of branches, logs, its
// plan, and what it says. Then everything that left the runner is looked through: what went over the wire, the database, the logs of
// the control plane, the packet, every object of the remote, and what the model was asked. And where the border is: a change that a person
// approved leaves as it is.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { dirname, join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { openProxy, type Proxy } from './faults/testing/proxy.ts'
import { localAdmin, signedIn, type Caller, type Json } from './testing/api.ts'
import { formsIn, formsOf, type Form } from './testing/canary-forms.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Running } from './testing/program.ts'
import { unzipped } from './testing/secrets.ts'
import { acceptBareRunners } from './testing/without-wall.ts'

const [plane, runner] = [makePlace('canaries'), makePlace('canary-cage')]
const patience = { timeout: 120_000, interval: 200 }
/** One that the runner knows, and one that nobody has told it of. */
const canary = `cnry_${randomBytes(12).toString('base64url').replaceAll(/[-_]/g, 'q')}x7`
const unknown = `nobody-knows-${randomBytes(9).toString('hex')}`
/** Stands wherever the canary was put, and may be seen: who does not find it does not look. */
const mark = `mark-${randomBytes(6).toString('hex')}`
const forms = formsOf(canary)
const remote = join(plane.folder, 'api.git')
/** What the provider of models was asked, and with which headers. Ours, on loopback; it says one sentence. */
const asked: string[] = []
let provider: Server
let proxy: Proxy
let server: Running
let admin: Caller
let person: Caller

beforeAll(async () => {
  proxy = await openProxy(join(plane.folder, 'wire.trace'))
  server = start(plane, viewportProgram, ['up', '--port', '0', '--data', plane.data], {
    VIEWPORT_PUBLIC_URL: proxy.url,
  })
  await server.says(/Ctrl-C stops everything/, 120_000)
  const port = Number(readFileSync(join(plane.data, 'port'), 'utf8').trim())
  proxy.lead(port)
  admin = { ...localAdmin(plane.data), url: `http://127.0.0.1:${port}` }
  person = await signedIn(server.out(), admin.url)
  makeRepository()
  await tell('repositories', 'add', 'acme/api', `file://${remote}`)
  await admin.send('PUT', '/api/workspace', { bodies: 'stored' })
  writeAgent()
  const pairing = start(runner, vpdProgram, ['pair', '--worker', '--server', proxy.url])
  const [, words = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  const [, code = ''] = /code: (\S+)/.exec(pairing.out())!
  await tell('runners', 'approve', code, '--words', words, '--pool', 'local', '--repo', 'acme/api')
  expect(await pairing.ended).toMatchObject({ code: 0 })
  await acceptBareRunners(plane)
  provider = await listen()
  await start(runner, vpdProgram, ['worker', 'start'], {
    ACME_TOKEN: canary,
    ANTHROPIC_API_KEY: 'sk-ant-of-nobody-0123456789',
    ANTHROPIC_BASE_URL: `http://127.0.0.1:${(provider.address() as AddressInfo).port}`,
  }).says(/online/)
  const file = join(plane.folder, 'workflow.yaml')
  writeFileSync(file, workflow)
  await tell('workflows', 'save', file, '--enable')
}, 180_000)

afterAll(async () => {
  for (const place of [runner, plane]) endAllOf(place.folder)
  await proxy.close()
  provider.close()
  for (const place of [runner, plane]) place.remove()
})

const workflow = `name: mends
trigger: manual
repos: [acme/api]
steps:
  - { id: plan, mode: plan, agent: hand, prompt: "Plan {{ trigger.title }}." }
  - { gate: plan_review, of: plan }
  - { id: mend, mode: edit, agent: hand, prompt: "Mend {{ trigger.title }}." }
  - { id: check, run: ["cat .env-of-somebody", "true"], of: mend, baseline: false }
  - { gate: pr_approval, of: mend }
  - { action: git.open_change, of: mend }
runner: { pool: local }
`

test(
  `${forms.length} forms in the plan, the logs, commit messages, branches and checks: none leaves`,
  { timeout: 240_000 },
  async () => {
    const number = await begin('beside the change')
    await decide(number, 'plan')
    await decide(number, 'command') // the push of the agent, recorded
    await decide(number, 'change')
    await expect.poll(() => outcomeOf(number), patience).toBe('succeeded')
    expect(await found(number)).toEqual({
      // What is not secret went its way: the log, the plan, the summary, the change.
      marked: ['the wire', 'the database', 'the packet', 'the remote'],
      leaks: [],
    })
  },
)

test.each(forms.filter((_, n) => n % 9 === 0).map(({ name }) => name))(
  'in the code, %s: the step fails before anything of the change leaves, whatever a person would say',
  { timeout: 120_000 },
  async (name) => {
    const number = await begin(`in the code: ${name}`)
    await decide(number, 'plan')
    const code = async (): Promise<string | undefined> =>
      (await factsOf(number)).find(({ type }) => type === 'step.failed')?.data['failure'].code as string | undefined
    await expect.poll(code, patience).toBe('secret_in_change')
    await admin.send('POST', `/api/runs/${number}/cancellation`, { reason: 'seen' })
    await expect.poll(() => outcomeOf(number), patience).toBe('cancelled')
    expect((await found(number)).leaks).toEqual([])
    expect(
      (await factsOf(number)).filter(({ type }) => type === 'intent.proposed' || type === 'change.opened'),
    ).toEqual([])
  },
)

test(
  'the border: what nobody named and what looks like no key leaves as part of the change, to the remote only after a person approved it',
  { timeout: 120_000 },
  async () => {
    const number = await begin('the border')
    await decide(number, 'plan')
    const gate = await waiting(number, 'change')
    expect(objects().includes(unknown)).toBe(false)
    await approve(gate)
    await expect.poll(() => outcomeOf(number), patience).toBe('succeeded')
    expect(objects().includes(unknown)).toBe(true)
    // The same change with bodies at the edge: the remote has it, the control plane has its digests alone.
    await admin.send('PUT', '/api/workspace', { bodies: 'edge' })
    const [before, at] = [unknownIn(await everything(number)), readFileSync(join(plane.folder, 'wire.trace')).length]
    expect(before).toContain('the database')
    const other = await begin('the border, at the edge')
    await decide(other, 'plan')
    await approve(await waiting(other, 'change'))
    await expect.poll(() => outcomeOf(other), patience).toBe('succeeded')
    const wire = readFileSync(join(plane.folder, 'wire.trace')).subarray(at)
    expect(wire.includes('border-at-the-edge.txt')).toBe(true) // names of files go, for the rules about them
    expect(wire.includes(unknown)).toBe(false)
    expect(objects().includes('border-at-the-edge')).toBe(true)
  },
)

// The cheap ones: what the gateway looks for in every request. The others pass it (docs/security.md, Not protected yet).
const toModel = [
  'as it is',
  'backwards',
  'base64',
  'base64 for addresses',
  'base64 behind one byte',
  'base64 behind two bytes',
  'hex',
  'hex in capitals',
  'percent',
]

test(
  'in what the model is asked: the values of its environment and of a file that it read are masked, what is no secret arrives, and the list of what left counts them',
  { timeout: 120_000 },
  async () => {
    const { run: id, number } = (await admin.send('POST', '/api/runs', {
      workflow: 'mends',
      title: 'asks the model',
    })) as {
      run: string
      number: number
    }
    await decide(number, 'plan')
    await decide(number, 'change')
    await expect.poll(() => outcomeOf(number), patience).toBe('succeeded')
    expect(asked).toHaveLength(2) // the plan and the change
    for (const request of asked) {
      const { headers, body } = JSON.parse(request) as { headers: Record<string, string>; body: string }
      const { messages } = JSON.parse(body) as { messages: { content: unknown }[] }
      expect(JSON.stringify(messages)).toContain(mark)
      expect(body).toContain('[redacted ACME_TOKEN]')
      expect(headers['x-api-key']).toBe('sk-ant-of-nobody-0123456789')
    }
    const some = forms.filter(({ name }) => toModel.includes(name))
    expect(some).toHaveLength(toModel.length)
    // Whole ones: the repository's notes, which agents are given, hold every form there is, cut ones too.
    expect(some.filter(({ text }) => asked.some((request) => request.includes(text))).map(({ name }) => name)).toEqual(
      [],
    )
    const left = await run(runner, vpdProgram, ['egress', id, '--fields'], {})
    expect(left.out).toMatch(/model request +known secrets masked +full +\d+ +0/)
    expect((await found(number)).leaks).toEqual([])
  },
)

/** What lies outside of the runner, after a run. */
const everything = async (number: number): Promise<Record<string, Buffer>> => {
  const [backup, packet] = [join(plane.folder, `${number}.backup`), join(plane.folder, `${number}.packet.zip`)]
  await tell('backup', backup, '--data', plane.data)
  await tell('packet', String(number), '-o', packet)
  const log = readFileSync(join(plane.data, 'viewport.log'))
  return {
    'the wire': readFileSync(join(plane.folder, 'wire.trace')),
    'the database': gunzipSync(readFileSync(backup)),
    'the packet': Buffer.from(unzipped(readFileSync(packet)), 'latin1'),
    'the remote': Buffer.from(objects()),
    'the log of the control plane': Buffer.concat([log, Buffer.from(server.out() + server.err())]),
  }
}
const found = async (number: number): Promise<{ marked: string[]; leaks: string[] }> => {
  const places = Object.entries(await everything(number))
  return {
    marked: places.filter(([, bytes]) => has(bytes, mark)).map(([where]) => where),
    leaks: places.flatMap(([where, bytes]) =>
      formsIn(bytes, forms, canary.length).map((form) => `${form}, in ${where}`),
    ),
  }
}
const unknownIn = (places: Record<string, Buffer>): string[] =>
  Object.entries(places).flatMap(([where, bytes]) => (has(bytes, unknown) ? [where] : []))
const has = (bytes: Buffer, text: string): boolean =>
  bytes.includes(text) || bytes.includes(Buffer.from(text).toString('hex'))

const git = (...words: string[]): string =>
  execFileSync('git', ['--git-dir', remote, ...words], {
    encoding: 'latin1',
    env: plane.env,
    input: '',
    maxBuffer: 1e8,
  }).trim()
/** Every object and every name of a branch of the remote, unpacked, but what was there before anybody worked. */
const objects = (): string => {
  const old = new Set(
    git('rev-list', '--objects', 'main')
      .split('\n')
      .map((line) => line.split(' ')[0]),
  )
  const all = git('cat-file', '--batch-all-objects', '--batch-check=%(objectname) %(objecttype)').split('\n')
  const texts = all
    .map((line) => line.split(' ') as [string, string])
    .filter(([id]) => !old.has(id))
    .map(([id, type]) => (type === 'tree' ? git('ls-tree', '-z', id) : git('cat-file', type, id)))
  return [git('for-each-ref', '--format=%(refname)'), ...texts].join('\n')
}

const tell = async (...words: string[]): Promise<void> => {
  const ended = await run(plane, viewportProgram, words, { VIEWPORT_DATA_DIR: plane.data })
  expect({ words, ...ended }).toMatchObject({ code: 0 })
}
const begin = async (title: string): Promise<number> =>
  (await admin.send('POST', '/api/runs', { workflow: 'mends', title }))['number'] as number
const outcomeOf = async (number: number): Promise<unknown> => (await admin.get(`/api/runs/${number}`))['outcome']
const factsOf = async (number: number): Promise<{ type: string; data: Json }[]> =>
  (await admin.get(`/api/runs/${number}/facts`))['facts'].map(({ text }: Json) => JSON.parse(text as string) as object)

/** The gate of this kind of the run, as soon as it waits. */
const waiting = async (number: number, kind: string): Promise<string> => {
  let gate = ''
  await expect
    .poll(async () => {
      const open = ((await admin.get('/api/inbox'))['open'] as Json[]).filter((one) => one['number'] === number)
      const other = open.find((one) => one['kind'] !== kind)
      if (other) throw new Error(JSON.stringify(other))
      return (gate = (open[0]?.['gate'] as string | undefined) ?? '')
    }, patience)
    .not.toBe('')
  return gate
}
const approve = async (gate: string): Promise<void> => {
  const { digest } = await admin.get(`/api/gates/${gate}`)
  await person.send('POST', `/api/gates/${gate}/decisions`, { verdict: 'approve', digest })
}
const decide = async (number: number, kind: string): Promise<void> => approve(await waiting(number, kind))

/** A provider of models that keeps what it is asked. */
const listen = async (): Promise<Server> => {
  const server = createServer((request, response) => {
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      asked.push(JSON.stringify({ headers: request.headers, body: Buffer.concat(parts).toString() }))
      response.writeHead(200, { 'content-type': 'application/json' })
      response.end(
        JSON.stringify({
          type: 'message',
          role: 'assistant',
          model: 'claude-sonnet-4-6',
          content: [{ type: 'text', text: 'Go on.' }],
          usage: { input_tokens: 10, output_tokens: 2 },
        }),
      )
    })
  })
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready))
  return server
}

/** A bare remote with one commit, in which the canary stands: in the notes that agents are given, and in a file that a check prints. */
const makeRepository = (): void => {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote], { env: plane.env })
  const work = join(plane.folder, 'work')
  mkdirSync(work)
  writeFileSync(join(work, 'AGENTS.md'), `Be kind.\n\n${forms.map(({ text }) => `- ${text}`).join('\n')}\n`, 'latin1')
  writeFileSync(join(work, '.env-of-somebody'), `${mark}\n${forms.map(({ text }) => text).join('\n\n')}\n`, 'latin1')
  const at = (...words: string[]): void =>
    void execFileSync('git', ['-C', work, '-c', 'user.name=n', '-c', 'user.email=n@example.com', ...words], {
      env: plane.env,
    })
  at('init', '--quiet', '--initial-branch=main')
  at('add', '--all', '--force')
  at('commit', '--quiet', '--message', 'One')
  at('push', '--quiet', remote, 'main')
}

/** The agent. It knows every form, and is told in its prompt where to put them. */
const writeAgent = (): void => {
  const home = join(runner.home, '.viewport/runner')
  mkdirSync(home, { recursive: true })
  const agent = join(runner.folder, 'hand.mjs')
  writeFileSync(agent, agentText(forms))
  writeFileSync(
    join(home, 'policy.yaml'),
    `commands:
  hand: { argv: ["${process.execPath}", "${agent}"], modes: [plan, edit], models: [anthropic] }
environment: [ACME_TOKEN]
secrets: [ACME_TOKEN]
walls: { read: ["${runner.folder}", "${dirname(dirname(process.execPath))}"] }
`,
  )
}
const agentText = (all: readonly Form[]): string => `
import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
const forms = ${JSON.stringify(all)}.map(({ name, text }) => ({ name, bytes: Buffer.from(text, 'latin1') }))
const prompt = readFileSync(0, 'utf8')
const say = (bytes) => new Promise((said) => process.stdout.write(bytes, said))
const git = (...words) => {
  try { return execFileSync('git', ['-c', 'user.name=h', '-c', 'user.email=h@example.com', ...words], { encoding: 'latin1', stdio: ['ignore', 'pipe', 'pipe'] }) }
  catch (error) { return String(error.stdout) + String(error.stderr) }
}
await say('${mark}: ' + process.env.VPD_MODE + '\\n')
if (prompt.includes('beside the change')) {
  await say(JSON.stringify(process.env) + '\\n')
  for (const { name, bytes } of forms) {
    // In two pieces, and once across the border of a piece of 64 KiB.
    const middle = bytes.length >> 1
    await say(name + '\\n'); await say(bytes.subarray(0, middle)); await sleep(15); await say(bytes.subarray(middle)); await say('\\n')
    if (forms.findIndex((one) => one.name === name) % 4 === 0) await say(Buffer.concat([Buffer.alloc(65_536 - middle, '.'), Buffer.from('\\n'), bytes, Buffer.from('\\n')]))
  }
  if (process.env.VPD_MODE === 'edit') {
    forms.forEach(({ bytes }, n) => {
      writeFileSync('piece-' + n + '.txt', '${mark} ' + n + '\\n')
      git('add', '--all')
      git('commit', '--quiet', '--message', '${mark} ' + bytes.toString('latin1'))
    })
    console.log(git('push', 'origin', 'HEAD:' + process.env.VPD_BRANCH))
    for (const { name, bytes } of forms.filter(({ bytes }) => /^[A-Za-z0-9_=-]+$/.test(bytes.toString('latin1'))))
      console.log(name, git('push', 'origin', 'HEAD:refs/heads/' + bytes.toString('latin1')))
  }
}
if (prompt.includes('asks the model')) {
  const cheap = forms.filter(({ name }) => ${JSON.stringify(toModel)}.includes(name)).map(({ bytes }) => bytes.toString('latin1'))
  writeFileSync('read-by-the-agent.txt', 'one line\\n')
  const answer = await fetch(process.env.ANTHROPIC_BASE_URL + '/v1/messages', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-api-key': process.env.ANTHROPIC_API_KEY, 'x-app': process.env.ACME_TOKEN },
    body: JSON.stringify({
      model: 'claude-sonnet-4-6',
      max_tokens: 100,
      system: '${mark}: ACME_TOKEN=' + process.env.ACME_TOKEN,
      messages: [
        { role: 'user', content: '${mark} ' + prompt },
        { role: 'assistant', content: [{ type: 'tool_use', id: 't1', name: 'shell', input: { command: 'cat .env-of-somebody', env: process.env } }] },
        { role: 'user', content: [{ type: 'tool_result', tool_use_id: 't1', content: JSON.stringify(cheap) + '\\n' + cheap.join('\\n') }] },
      ],
    }),
  })
  if (!answer.ok) throw new Error(answer.status + await answer.text())
  await say((await answer.json()).content[0].text + '\\n')
}
const [, wanted] = /in the code: ([^".]+)/.exec(prompt) ?? []
if (wanted && process.env.VPD_MODE === 'edit') {
  writeFileSync('code.txt', Buffer.concat([Buffer.from('${mark}\\n'), forms.find(({ name }) => name === wanted).bytes, Buffer.from('\\n')]))
}
if (process.env.VPD_MODE === 'edit' && prompt.includes('at the edge')) writeFileSync('border-at-the-edge.txt', 'border-at-the-edge ${unknown}\\n')
else if (process.env.VPD_MODE === 'edit' && prompt.includes('the border')) writeFileSync('border.txt', '${unknown}\\n')
await say('Done, says ${mark}.\\n')
`
