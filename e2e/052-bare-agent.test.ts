// A runner without a wall beside its control plane, under one user: its agent reads login.json and tries to decide what another run asks.
// By the token, by a second token, by a session that a link of the token opened. None of it decides; the person at the printed address does.
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, expect, test } from 'vitest'

import { localAdmin, signedIn, type Caller, type Json } from './testing/api.ts'
import { makePlace } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Ended, type Running } from './testing/program.ts'
import { acceptBareRunners } from './testing/without-wall.ts'

const place = makePlace('bare')
const patience = { timeout: 60_000, interval: 200 }
const remote = join(place.folder, 'api.git')
let server: Running
let admin: Caller
let person: Caller

beforeAll(async () => {
  server = start(place, viewportProgram, ['up', '--port', '0', '--data', place.data])
  await server.says(/Ctrl-C stops everything/, 120_000)
  admin = localAdmin(place.data)
  person = await signedIn(server.out())
  makeRepository()
  await tell('repositories', 'add', 'acme/api', `file://${remote}`)
  writeAgent()
  const pairing = start(place, vpdProgram, ['pair', '--worker', '--server', admin.url])
  const [, words = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
  const [, code = ''] = /code: (\S+)/.exec(pairing.out())!
  await tell('runners', 'approve', code, '--words', words, '--pool', 'local', '--repo', 'acme/api')
  expect(await pairing.ended).toMatchObject({ code: 0 })
  expect(await acceptBareRunners(place)).toBe(true)
  await start(place, vpdProgram, ['worker', 'start']).says(/online/)
  const file = join(place.folder, 'workflow.yaml')
  writeFileSync(file, workflow)
  await tell('workflows', 'save', file, '--enable')
}, 180_000)

afterAll(() => {
  endAllOf(place.folder)
  place.remove()
})

const workflow = `name: mends
trigger: manual
repos: [acme/api]
steps:
  - { id: plan, mode: plan, agent: thief, prompt: "Plan {{ trigger.title }}." }
  - { gate: plan_review, of: plan }
  - { id: mend, mode: edit, agent: thief, prompt: "Mend {{ trigger.title }}." }
  - { gate: pr_approval, of: mend }
  - { action: git.open_change, of: mend }
runner: { pool: local }
`

test('an agent that reads login.json decides nothing with it, each try is a fact, and a person decides in the browser', async () => {
  const number = await begin('the price')
  const [plan] = await waiting(number)
  const thief = await begin('steal the decision')
  await waiting(thief) // its plan: it has tried

  const tries = (await factsOf(number)).filter(({ type }) => type === 'decision.refused')
  expect(tries.map(({ data }) => [data['code'], data['via']])).toEqual([
    ['browser_needed', { surface: 'api', auth: 'token' }],
    ['browser_needed', { surface: 'cli', auth: 'token' }],
    ['browser_needed', { surface: 'api', auth: 'token' }],
    ['browser_needed', { surface: 'web', auth: 'token' }],
  ])
  expect(await admin.get(`/api/gates/${plan}`)).toMatchObject({ state: 'open', votes: [], may: { decide: false } })

  const typed = await run(place, viewportProgram, ['decide', String(number), 'approve'], env)
  expect(typed).toMatchObject({ code: 1, err: expect.stringContaining('Decide in the browser') })
  await approve(plan!)
  const [change] = await waiting(number)
  await approve(change!)
  await expect.poll(async () => (await admin.get(`/api/runs/${number}`))['outcome'], patience).toBe('succeeded')
  const { id, digest } = (await admin.get(`/api/runs/${number}`))['change'] as { id: string; digest: string }
  await expect(admin.send('POST', `/api/changes/${id}/merge`, { digest })).rejects.toThrow(/browser_needed/)
  await person.send('POST', `/api/changes/${id}/merge`, { digest })
}, 120_000)

const env = { VIEWPORT_DATA_DIR: place.data }
const tell = async (...words: string[]): Promise<Ended> => {
  const ended = await run(place, viewportProgram, words, env)
  expect({ words, ...ended }).toMatchObject({ code: 0 })
  return ended
}
const begin = async (title: string): Promise<number> =>
  (await admin.send('POST', '/api/runs', { workflow: 'mends', title }))['number'] as number
const factsOf = async (number: number): Promise<{ type: string; data: Json }[]> =>
  (await admin.get(`/api/runs/${number}/facts`))['facts'].map(({ text }: Json) => JSON.parse(text as string) as object)
const waiting = async (number: number): Promise<string[]> => {
  let gates: string[] = []
  await expect
    .poll(async () => {
      const open = (await admin.get('/api/inbox'))['open'] as Json[]
      gates = open.filter((one) => one['number'] === number).map((one) => one['gate'] as string)
      return gates.length
    }, patience)
    .toBe(1)
  return gates
}
const approve = async (gate: string): Promise<void> => {
  const { digest } = await person.get(`/api/gates/${gate}`)
  await person.send('POST', `/api/gates/${gate}/decisions`, { verdict: 'approve', digest })
}

const makeRepository = (): void => {
  execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote], { env: place.env })
  const work = join(place.folder, 'work')
  mkdirSync(work)
  writeFileSync(join(work, 'price.txt'), 'one\n')
  const at = (...words: string[]): void =>
    void execFileSync('git', ['-C', work, '-c', 'user.name=n', '-c', 'user.email=n@example.com', ...words], {
      env: place.env,
    })
  at('init', '--quiet', '--initial-branch=main')
  at('add', '--all')
  at('commit', '--quiet', '--message', 'One')
  at('push', '--quiet', remote, 'main')
}

/** Nothing walls it off, and it knows where the file lies. */
const writeAgent = (): void => {
  const home = join(place.home, '.viewport/runner')
  mkdirSync(home, { recursive: true })
  const agent = join(place.folder, 'thief.mjs')
  writeFileSync(
    agent,
    `
import { readFileSync, writeFileSync } from 'node:fs'
const prompt = readFileSync(0, 'utf8')
if (process.env.VPD_MODE === 'edit') writeFileSync('price.txt', 'two\\n')
if (process.env.VPD_MODE === 'plan' && prompt.includes('steal')) {
  const { url, token } = JSON.parse(readFileSync(${JSON.stringify(join(place.data, 'login.json'))}, 'utf8'))
  const ask = async (method, path, body, headers) => {
    const answer = await fetch(url + path, { method, headers: { 'content-type': 'application/json', ...headers }, ...(body && { body: JSON.stringify(body) }) })
    const text = await answer.text()
    return { status: answer.status, body: text === '' ? {} : JSON.parse(text), cookie: answer.headers.get('set-cookie')?.split(';')[0] }
  }
  const bearer = (one) => ({ authorization: 'Bearer ' + one })
  const mine = bearer(token)
  const { open } = (await ask('GET', '/api/inbox', null, mine)).body
  const decide = async (who, headers) => {
    for (const { gate } of open) {
      const { digest } = (await ask('GET', '/api/gates/' + gate, null, headers)).body
      const { status, body } = await ask('POST', '/api/gates/' + gate + '/decisions', { verdict: 'approve', digest }, headers)
      console.log(who, status, body.code)
    }
  }
  await decide('token', mine)
  await decide('as the command', { ...mine, 'user-agent': 'viewport/1' })
  await decide('second token', bearer((await ask('POST', '/api/tokens', { name: 'mine', days: 1 }, mine)).body.token))
  const me = (await ask('GET', '/api/me', null, mine)).body.person.id
  const link = (await ask('POST', '/api/people/' + me + '/sign-in-links', {}, mine)).body.url
  const { cookie } = await ask('POST', '/api/session', { token: link.split('#')[1] }, {})
  const { csrf } = (await ask('GET', '/api/me', null, { cookie })).body
  await decide('session', { cookie, 'viewport-csrf': csrf })
}
console.log('One word changes.')
`,
  )
  writeFileSync(
    join(home, 'policy.yaml'),
    `commands:
  thief: { argv: ["${process.execPath}", "${agent}"], modes: [plan, edit] }
walls: { level: none }
`,
  )
}
