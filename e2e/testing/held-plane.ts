// A control plane, and a machine of the customer's with vpd on it that alone holds the tokens of tools. Both are killed and started again at will.
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

import { expect } from 'vitest'

import { factsOf, localAdmin, type Caller, type Json } from './api.ts'
import { pairRunner, startRunner, writeMender } from './mending-runner.ts'
import { portOfOurOwn } from './own-port.ts'
import { makePlace, type Place } from './place.ts'
import { endAllOf } from './processes.ts'
import { listen, run, start, viewportProgram, vpdProgram, type Ended, type Running } from './program.ts'
import { unzipped } from './secrets.ts'
import { makeShopRemote, type ShopRemote } from './shop-remote.ts'
import { acceptBareRunners } from './without-wall.ts'

/** A tool whose token lies on the machine. `at`: the setting that says where it is; `user`: of Jira. `more`: options of `viewport connect`. */
export type Kept = {
  readonly tool: string
  readonly at?: 'base' | 'site'
  readonly url: string
  readonly token: string
  readonly user?: string
  readonly more?: readonly string[]
}
type Part = 'vpd' | 'plane'

export type HeldPlane = {
  readonly plane: Place
  readonly machine: Place
  readonly remote: ShopRemote
  admin(): Caller
  /** A command of the control plane's admin; what it said. */
  tell(...words: string[]): Promise<string>
  vpd(...words: string[]): Promise<Ended>
  /** Connects tools, each with its token on the machine; what each connection is. */
  connect(...all: readonly Kept[]): Promise<Json[]>
  /** Brings vpd online, after all that it holds. */
  online(): Promise<void>
  /** A workflow of these lines of YAML that writes to acme/shop, enabled. */
  save(name: string, lines: string): Promise<void>
  begin(workflow: string): Promise<number>
  facts(number: number): Promise<Json[]>
  /** The run's view, as soon as it is so. Throws with its last facts and what vpd said. */
  until(number: number, what: string, isSo: (view: Json) => boolean | Promise<boolean>): Promise<Json>
  untilEnded(number: number): Promise<Json>
  /** Ends one of the two with SIGKILL, does what is meant to happen while it is away, and starts it again. */
  killed(part: Part, meanwhile?: () => unknown): Promise<void>
  /** One effect of this action in the ledger, begun and ended by the runner, with a receipt that the runner signed; its intent and the fact. */
  sawOne(action: string, number: number): Promise<{ intent: string; done: Json }>
  /** The packet of a run as text, verified on the machine. */
  packet(number: number): Promise<string>
  /** None of these tokens stands anywhere but on the machine, where its keys are. `said`: what else was said. */
  onMachineAlone(tokens: readonly string[], said: Readonly<Record<string, string>>): Promise<void>
  close(): Promise<void>
}

/** Starts the control plane. `told`: what the agent is told ends in its change. */
export const openHeldPlane = async (name: string, how: { told?: boolean } = {}): Promise<HeldPlane> => {
  const [plane, machine] = [makePlace(`${name}-plane`), makePlace(`${name}-machine`)]
  // What a killed vpd held is taken from it soon: with the 45 seconds of a new installation its tests mostly wait for that.
  const settings = { VIEWPORT_DATA_DIR: plane.data, VIEWPORT_NEAR_HOSTS: '127.0.0.1', VIEWPORT_LEASE_SECONDS: '10' }
  let server: Running
  let worker: Running | null = null
  const admin = (): Caller => localAdmin(plane.data)
  const tell = async (...words: string[]): Promise<string> => {
    const ended = await run(plane, viewportProgram, words, settings)
    expect({ words, ...ended }).toMatchObject({ code: 0 })
    return ended.out
  }
  const vpd = (...words: string[]): Promise<Ended> => run(machine, vpdProgram, words)
  const port = String(await portOfOurOwn())
  const up = async (): Promise<void> => {
    server = start(plane, viewportProgram, ['up', '--data', plane.data, '--port', port], settings)
    await server.says(/Ctrl-C stops everything/, 120_000)
  }
  const online = async (): Promise<void> => void (worker = await startRunner(machine))
  const facts = (number: number): Promise<Json[]> => factsOf(admin(), number)
  const keep = async ({ tool, url, token, user }: Kept): Promise<void> => {
    const words = [
      'credentials',
      'set',
      'provider',
      tool,
      '--url',
      url,
      ...(user === undefined ? [] : ['--user', user]),
    ]
    const child = spawn(process.execPath, [vpdProgram, ...words], {
      cwd: machine.folder,
      env: machine.env,
      stdio: ['pipe', 'pipe', 'pipe'],
    })
    child.stdin.end(token)
    expect(await listen(child).ended).toMatchObject({ code: 0 })
  }
  const until: HeldPlane['until'] = async (number, what, isSo) => {
    let last: Json = {}
    const look = async (): Promise<boolean> => {
      last = await admin()
        .get(`/api/runs/${number}`)
        .catch(() => ({})) // it may be away
      return last['run'] !== undefined && isSo(last)
    }
    await expect
      .poll(look, { timeout: 200_000, interval: 200 })
      .toBe(true)
      .catch(async (cause: unknown) => {
        const some = (await facts(number)).slice(-12).map(({ type, data }) => [type, data])
        const said = `${worker?.out()}${worker?.err()}`
        const { why, pull, outcome } = last
        throw new Error(`${what} did not come: ${JSON.stringify({ outcome, why, pull, some })}\n${said}`, { cause })
      })
    return last
  }
  const packet = async (number: number): Promise<string> => {
    const [zip, keys] = [join(plane.folder, `run-${number}.zip`), join(plane.folder, 'keys.json')]
    await tell('packet', String(number), '-o', zip)
    writeFileSync(keys, await tell('keys', '--json'))
    expect(await vpd('audit', 'verify', zip, '--key', keys)).toMatchObject({ code: 0 })
    return unzipped(readFileSync(zip))
  }

  const remote = makeShopRemote(plane)
  await up()
  await tell('repositories', 'add', 'acme/shop', remote.url)
  writeMender(machine, how)
  await pairRunner(machine, admin().url, tell)
  await acceptBareRunners(plane)
  return {
    plane,
    machine,
    remote,
    admin,
    tell,
    vpd,
    facts,
    online,
    until,
    packet,
    async connect(...all) {
      const made: Json[] = []
      for (const one of all) {
        const at = `${one.at ?? 'base'}=${one.url}`
        const words = ['connect', one.tool, '--on-runner', '--set', at, ...(one.more ?? []), '--json']
        made.push(JSON.parse(await tell(...words)) as Json)
        await keep(one)
      }
      return made
    },
    async save(workflow, lines) {
      const file = join(plane.folder, `${workflow}.yaml`)
      writeFileSync(file, `name: ${workflow}\nrepos: [acme/shop]\napprovals: []\n${lines}`)
      await tell('workflows', 'save', file, '--enable')
    },
    begin: async (workflow) => (await admin().send('POST', '/api/runs', { workflow, title: 'go' }))['number'] as number,
    untilEnded: (number) => until(number, 'the end', ({ outcome }) => outcome === 'succeeded'),
    async killed(part, meanwhile) {
      const running = part === 'vpd' ? worker! : server
      running.child.kill('SIGKILL')
      await running.ended
      await meanwhile?.()
      await (part === 'vpd' ? online() : up())
    },
    async sawOne(action, number) {
      const all = await facts(number)
      const proposed = all.findLast(({ type, data }) => type === 'intent.proposed' && data.action === action)!['data']
      expect(proposed).toMatchObject({ action, at: 'runner' })
      const of = (type: string): Json[] =>
        all.filter((one) => one['type'] === type && one['data'].intent === proposed.intent)
      expect({ action, recorded: of('effect.succeeded').length }).toEqual({ action, recorded: 1 })
      const by = [...of('effect.started'), ...of('effect.succeeded')].map((one) => one['by'].kind as string)
      expect([...new Set(by)]).toEqual(['runner'])
      expect((await admin().get('/api/effects'))['effects']).toEqual([])
      return { intent: proposed.intent as string, done: of('effect.succeeded')[0]! }
    },
    async onMachineAlone(tokens, said) {
      const backup = join(plane.folder, 'backup.gz')
      await tell('backup', backup, '--data', plane.data)
      const kept = readFileSync(join(machine.home, '.viewport/runner/credentials/keys.json'), 'utf8')
      const elsewhere = {
        'the database': gunzipSync(readFileSync(backup)).toString('latin1'),
        'files of the control plane': filesIn(plane.data),
        'what programs said': server.out() + server.err() + worker!.out() + worker!.err(),
        'the runner, but for its keys': filesIn(join(machine.home, '.viewport'), /credentials\/keys\.json$/),
        ...said,
      }
      for (const token of tokens) {
        expect(kept).toContain(token)
        const bytes = Buffer.from(token)
        for (const [where, text] of Object.entries(elsewhere)) {
          expect(text.length, where).toBeGreaterThan(100)
          for (const form of [token, bytes.toString('base64').slice(0, -3), bytes.toString('hex')])
            expect(text.includes(form), `a token in ${where}`).toBe(false)
        }
      }
    },
    async close() {
      for (const place of [machine, plane]) endAllOf(place.folder)
      for (const place of [machine, plane]) place.remove()
    },
  }
}

const filesIn = (folder: string, not = /^$/): string =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter(
      (file) =>
        !not.test(file) && !/\/postgres|\.sock$/.test(file) && statSync(file, { throwIfNoEntry: false })?.isFile(),
    )
    .map((file) => readFileSync(file, 'latin1'))
    .join('\n')
