// Two control planes on one PostgreSQL behind one address, a runner, 50 signed deliveries to both; one is killed amid the runs and
// while events still come in. Every event starts one run, every run succeeds, with one push and one change. The runner is given the
// one address and no replica's; a sender whose replica is gone sends the same event, with the same id, to the other.
import { execFileSync } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { caller, signedIn, type Caller, type Json } from './testing/api.ts'
import { openOneAddress, type OneAddress } from './testing/one-address.ts'
import { makePlace, type Place } from './testing/place.ts'
import { endAllOf } from './testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Running } from './testing/program.ts'
import { secondPostgresPrograms, startSecondPostgres, type SecondPostgres } from './testing/second-postgres.ts'
import { acceptBareRunners } from './testing/without-wall.ts'

type Replica = { place: Place; running: Running; url: string; admin: Caller }

const programs = secondPostgresPrograms()
const events = Array.from({ length: 50 }, (_, n) => ({ id: `evt-${n}`, label: `BUG-${n + 1}` }))
const late = 10 // of them are sent while the replica is killed

describe.runIf(programs)('two replicas', () => {
  const [first, second, runner] = [makePlace('replica'), makePlace('replica'), makePlace('runner')] as const
  const remote = join(runner.folder, 'api.git')
  let database: SecondPostgres
  let address: OneAddress
  let doomed: Replica
  let survivor: Replica
  let person: Caller
  let source: { path: string; secret: string }

  beforeAll(async () => {
    database = await startSecondPostgres(programs!)
    address = await openOneAddress()
    const shared = {
      DATABASE_URL: database.url,
      VIEWPORT_KEY: randomBytes(32).toString('base64'),
      VIEWPORT_PUBLIC_URL: address.url,
    }
    // The first one leads, so what the leader alone does has to go over to the other.
    doomed = await startReplica(first, shared)
    survivor = await startReplica(second, shared)
    person = await signedIn(survivor.running.out(), survivor.url)
    for (const { url } of [doomed, survivor]) address.add(Number(new URL(url).port))
    makeRepository()
    await tell(['repositories', 'add', 'acme/api', `file://${remote}`])
    await bringRunnerOnline()
    await openForEvents()
  }, 180_000)

  afterAll(async () => {
    for (const place of [runner, first, second]) {
      endAllOf(place.folder)
      place.remove()
    }
    await address?.close()
    await database?.stop()
  })

  /** No plan is approved here, so a person reads what each webhook told before its run writes. */
  const finishedSoFar = async (): Promise<number> => {
    const { open } = await survivor.admin.get('/api/inbox?limit=100')
    await Promise.all(
      open.map(async ({ gate }: Json) => {
        const { digest } = await survivor.admin.get(`/api/gates/${gate}`)
        const answer = { verdict: 'answer', digest, answer: { choice: 'go_on', text: null } }
        await person.send('POST', `/api/gates/${gate}/decisions`, answer).catch(() => {}) // answered meanwhile
      }),
    )
    return finished(await runs()).length
  }

  test('one is killed amid 50 runs: all finish, once', { timeout: 600_000 }, async () => {
    await Promise.all(events.slice(late).map((event, n) => deliver(event, n % 2 ? doomed : survivor)))
    const patience = { timeout: 300_000, interval: 100 }
    await expect.poll(finishedSoFar, patience).toBeGreaterThanOrEqual(3)
    for (const { url } of [doomed, survivor]) expect(address.taken().get(Number(new URL(url).port))).toBeGreaterThan(0) // the runner works with both

    const sent = Promise.all(events.slice(0, late).map((event, n) => deliver(event, n % 2 ? survivor : doomed)))
    doomed.running.child.kill('SIGKILL')
    expect(await doomed.running.ended).toMatchObject({ signal: 'SIGKILL' })
    const after = await runs()
    await sent
    // What the killed one had taken is known to the other: a sender that lost its answer starts nothing.
    const again = events.slice(late).filter((_, n) => n % 2)
    for (const event of again.slice(0, late)) expect(await deliver(event, survivor)).toMatchObject({ repeat: true })
    expect(finished(after).length).toBeGreaterThan(0)
    expect(after.length - finished(after).length).toBeGreaterThan(0)

    await expect.poll(finishedSoFar, patience).toBe(events.length)
    const all = await runs()
    expect(all.map(({ number }) => number as number).toSorted((a, b) => a - b)).toEqual(events.map((_, n) => n + 1))
  })

  test('each delivery started one run, and each run is of one delivery', async () => {
    const { deliveries } = await survivor.admin.get('/api/deliveries?limit=200')
    expect(deliveries.map(({ title }: Json) => title).toSorted()).toEqual(events.map(titleOf).toSorted())
    for (const delivery of deliveries)
      expect(delivery).toMatchObject({ state: 'processed', matched: 1, runs: [{ workflow: 'many' }] })
    const started = deliveries.map(({ runs: [only] }: Json) => only.number)
    expect(new Set(started).size).toBe(events.length)
  })

  test('each run succeeded with one push of its own bug, and one change', async () => {
    const refs: string[] = []
    for (const { number, title } of await runs()) {
      const view = await survivor.admin.get(`/api/runs/${number}`)
      expect({ number, outcome: view.outcome, change: view.change?.state }).toEqual({
        number,
        outcome: 'succeeded',
        change: 'open',
      })
      const { facts } = await survivor.admin.get(`/api/runs/${number}/facts`)
      const types = facts.map(({ text }: { text: string }) => (JSON.parse(text) as { type: string }).type)
      for (const once of ['run.started', 'change.opened', 'run.finished'])
        expect({ number, once: types.filter((type: string) => type === once) }).toEqual({ number, once: [once] })
      const { ref } = view.change as { ref: string }
      refs.push(ref)
      expect(git('reflog', 'show', '--format=%gs', ref).split('\n')).toHaveLength(1)
      expect(titleOf({ label: git('show', `${ref}:bug.txt`) })).toBe(title)
    }
    expect(new Set(refs).size).toBe(events.length)
    expect(git('for-each-ref', '--format=%(refname)').split('\n').toSorted()).toEqual(
      ['refs/heads/main', ...refs].toSorted(),
    )
  })

  test('packets of runs before and after the kill verify', { timeout: 180_000 }, async () => {
    const keys = join(second.folder, 'keys.json')
    await tell(['keys', '-o', keys])
    for (const number of ['1', '25', '50']) {
      const packet = join(second.folder, `${number}.packet.zip`)
      await tell(['packet', number, '-o', packet])
      expect(await run(runner, vpdProgram, ['audit', 'verify', packet, '--key', keys])).toMatchObject({ code: 0 })
    }
  })

  test('the other one leads now: a gate that nobody decides expires', { timeout: 90_000 }, async () => {
    await save(`name: expires
repos: [{ acme/api: { access: read } }]
steps:
  - { id: plan, mode: plan, agent: mender, prompt: "Plan {{ trigger.title }}." }
  - { gate: plan_review, of: plan, expires_after: 1s }
runner: { pool: local }
`)
    const body = { workflow: 'expires', title: titleOf({ label: 'BUG-51' }) }
    const { number } = await survivor.admin.send('POST', '/api/runs', body)
    await expect
      .poll(async () => (await survivor.admin.get(`/api/runs/${number}`)).outcome, { timeout: 60_000 })
      .toBe('rejected')
  })

  /** All runs, as the survivor tells them. */
  const runs = async (): Promise<Json[]> => (await survivor.admin.get('/api/runs?limit=200')).rows
  const finished = (rows: Json[]): Json[] => rows.filter(({ group }) => group === 'finished')
  const titleOf = ({ label }: { label: string }): string => `The price is wrong in ${label}`

  /** As a sender does: signed, with one id; when the replica does not answer, to the other one. */
  const deliver = async (event: { id: string; label: string }, to: Replica): Promise<Json> => {
    const body = JSON.stringify({ type: 'bug.reported', subject: { label: event.label, title: titleOf(event) } })
    const at = String(Math.floor(Date.now() / 1_000))
    const signature = createHmac('sha256', Buffer.from(source.secret.replace('whsec_', ''), 'base64'))
      .update(`${event.id}.${at}.${body}`)
      .digest('base64')
    const headers = {
      'content-type': 'application/json',
      'webhook-id': event.id,
      'webhook-timestamp': at,
      'webhook-signature': `v1,${signature}`,
    }
    const post = ({ url }: Replica): Promise<Response> => fetch(url + source.path, { method: 'POST', headers, body })
    const answer = await post(to).catch((error: unknown) => {
      if (to === survivor) throw error
      return post(survivor)
    })
    const text = await answer.text()
    expect(answer.status, text).toBe(202)
    return JSON.parse(text) as Json
  }

  /** A command of the survivor's machine. */
  const tell = async (words: string[]): Promise<void> => {
    const ended = await run(second, viewportProgram, words, { VIEWPORT_DATA_DIR: second.data })
    expect(ended.code, `viewport ${words.join(' ')}\n${ended.out}${ended.err}`).toBe(0)
  }

  /** The webhook address and the workflow it starts. */
  const openForEvents = async (): Promise<void> => {
    const made = await survivor.admin.send('POST', '/api/sources', { name: 'Bug tracker' })
    source = { path: new URL(made.source.url).pathname, secret: made.secret }
    await save(`name: many
trigger:
  webhook: { type: bug.reported }
repos: [acme/api]
approvals: []
steps:
  - { id: mend, mode: edit, agent: mender, prompt: "Mend {{ trigger.title }}." }
  - { id: check, run: ["true"], of: mend, baseline: false }
  - { action: git.open_change, of: mend }
runner: { pool: local }
`)
  }

  const save = async (workflow: string): Promise<void> => {
    const file = join(second.folder, 'workflow.yaml')
    writeFileSync(file, workflow)
    await tell(['workflows', 'save', file, '--enable'])
  }

  /** Pairs it and starts it with four slots; its agent says, and writes down, which bug its prompt is about. */
  const bringRunnerOnline = async (): Promise<void> => {
    const agent = join(runner.folder, 'mender')
    writeFileSync(agent, '#!/bin/sh\nprintf %s "$1" | grep -o "BUG-[0-9]*" | sort -u | tee bug.txt\n')
    chmodSync(agent, 0o755)
    const home = join(runner.home, '.viewport/runner')
    mkdirSync(home, { recursive: true })
    writeFileSync(
      join(home, 'policy.yaml'),
      `commands:\n  mender: { argv: ["${agent}", "{prompt}"], prompt: argument, modes: [plan, edit] }\n`,
    )
    const pairing = start(runner, vpdProgram, ['pair', '--worker', '--server', address.url])
    const [, words = ''] = await pairing.says(/check there: (\w+ \w+ \w+)/)
    const [, code = ''] = /code: (\S+)/.exec(pairing.out())!
    await tell(['runners', 'approve', code, '--words', words, '--pool', 'local', '--repo', 'acme/api'])
    expect(await pairing.ended).toMatchObject({ code: 0 })
    await acceptBareRunners(second)
    await start(runner, vpdProgram, ['worker', 'start', '--slots', '4']).says(/online/)
  }

  /** A bare remote with one commit, which writes down every push. */
  const makeRepository = (): void => {
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', remote], { env: runner.env })
    git('config', 'core.logallrefupdates', 'always')
    const tree = git('mktree')
    const commit = git('-c', 'user.name=n', '-c', 'user.email=n@example.com', 'commit-tree', '-m', 'One', tree)
    git('update-ref', 'refs/heads/main', commit)
  }

  const git = (...words: string[]): string =>
    execFileSync('git', ['--git-dir', remote, ...words], { encoding: 'utf8', env: runner.env, input: '' }).trim()
})

/** Starts it on a port of its own and waits until it answers. */
const startReplica = async (place: Place, env: Record<string, string>): Promise<Replica> => {
  const running = start(place, viewportProgram, ['up', '--port', '0', '--data', place.data], env)
  await running.says(/Ctrl-C stops everything/, 120_000)
  const url = `http://127.0.0.1:${readFileSync(join(place.data, 'port'), 'utf8').trim()}`
  const { token } = JSON.parse(readFileSync(join(place.data, 'login.json'), 'utf8')) as { token: string }
  return { place, running, url, admin: caller(url, token) }
}
