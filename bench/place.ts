/**
 * Where does a bench run? A control plane of its own: an embedded PostgreSQL in a temporary folder and the real program as a
 * child process beside it, so that load and server are two processes. Figures of one machine include the load's own work.
 */
import { spawn, type ChildProcess } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { compileWorkflow } from '@viewportai/core/workflow/compile'
import { client, type Client } from '@viewportai/core/api/client'
import { openDatabase, type Database } from '@viewportai/viewport/src/database/open.ts'
import { inWorkspace } from '@viewportai/viewport/src/database/tenant.ts'
import { startEmbedded, type Running } from '@viewportai/viewport/src/embedded/start.ts'
import { stopEmbedded } from '@viewportai/viewport/src/embedded/stop.ts'
import { addPerson, addTeam } from '@viewportai/viewport/src/people/add.ts'
import { makeWorkspace } from '@viewportai/viewport/src/people/workspace.ts'
import { capabilities, TestRunner } from '@viewportai/viewport/src/wire/testing/known-runner.ts'
import { makeToken } from '@viewportai/viewport/src/sign-in/token.ts'

export type Place = {
  /** Stays the same when the program is started again. */
  url: string
  db: Database
  /** The installation's key. */
  key: Uint8Array
  workspace: string
  people: { jess: string; sam: string; dana: string }
  api: Client<Response>
  token: string
  child: ChildProcess
  postgres: Running
  startMillis: number
  /** Ends the program and starts it again on the same data. */
  again(): Promise<void>
  close(): Promise<void>
}

/** One workflow: by webhook or by hand, plan, gate, implement, gate, change. */
const workflowSource = `name: fix-bug
team: payments
trigger:
  - webhook: { type: bug.reported }
  - manual: {}
repos: [acme/shop]
agents: { plan: sample, implement: sample }
approvals:
  - plan_review: { approvers: [team:payments] }
  - pr_approval: { approvers: [team:payments] }
actions: [git.open_change]
runner: { pool: local }
`

/** A port of this machine that is free now. */
export const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer().once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => resolve(port))
    })
  })

/** Starts one and resolves when it answers. `settings`: more of its environment, once its port is known. `program`: instead of this clone's sources. */
export const makePlace = async (
  settings: (port: number) => Record<string, string> = () => ({}),
  program = new URL('../server/bin/viewport.js', import.meta.url),
): Promise<Place> => {
  const folder = mkdtempSync(path.join(tmpdir(), 'viewport-bench-'))
  chmodSync(folder, 0o711) // as root the database runs as another user and must pass through
  const key = randomBytes(32)
  const postgres = await startEmbedded(folder)
  const db = await openDatabase({ url: postgres.url, key, warn: () => {}, connections: 8 })
  const { workspace, admin: jess } = await makeWorkspace(db, {
    slug: 'acme',
    name: 'Acme Co.',
    sample: false,
    admin: { handle: 'jess', name: 'Jess' },
  })
  const by = { kind: 'person', id: jess, name: '@jess' } as const
  const made = await inWorkspace(db, workspace, async (tx) => {
    await addTeam(tx, by, { slug: 'payments', name: 'Payments' })
    const ids = await Promise.all(
      ['sam', 'dana'].map(async (handle) =>
        addPerson(tx, by, { handle, name: handle, email: null, role: 'member', teams: ['payments'] }),
      ),
    )
    await tx.query(
      'insert into vp.team_members (workspace, team, person) select $1, team, $2 from vp.teams where workspace = $1',
      [workspace, jess],
    )
    await tx.query(`insert into vp.pools (workspace, name) values ($1, 'local') on conflict do nothing`, [workspace])
    const token = await makeToken(tx, by, { name: 'bench', days: 1, local: false })
    return { ids: ids.map((person) => ('id' in person ? person.id : '')), token: 'token' in token ? token.token : '' }
  })
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const start = async (): Promise<{ child: ChildProcess; startMillis: number }> => {
    const began = performance.now()
    const child = spawn(process.execPath, [...inspect, program.pathname, 'up', '--port', String(port)], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {
        PATH: process.env['PATH'],
        HOME: folder,
        DATABASE_URL: postgres.url,
        VIEWPORT_KEY: key.toString('base64'),
        VIEWPORT_DATA_DIR: folder,
        VIEWPORT_LOG: 'error',
        ...settings(port),
      },
    })
    await answering(url, child)
    return { child, startMillis: performance.now() - began }
  }
  const first = await start()
  const token = made.token
  const api = client(async ({ method, path: route, body }) => {
    const response = await fetch(`${url}${route}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(body === null ? {} : { 'content-type': 'application/json' }) },
      body,
    })
    if (!response.ok) throw new Error(`${method} ${route}: ${response.status} ${await response.text()}`)
    return response
  })
  const place: Place = {
    url,
    db,
    key,
    workspace,
    people: { jess, sam: made.ids[0]!, dana: made.ids[1]! },
    api,
    token,
    ...first,
    postgres,
    async again() {
      await endOf(place.child)
      Object.assign(place, await start())
    },
    async close() {
      await endOf(place.child)
      await db.close()
      await stopEmbedded(postgres)
      rmSync(folder, { recursive: true, force: true })
    },
  }
  return place
}

/** Further words for Node, such as `--cpu-prof --cpu-prof-dir=/tmp/x`: where does the program spend its time? */
const inspect = (process.env['BENCH_NODE_OPTIONS'] ?? '').split(' ').filter(Boolean)

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null

/** Ends a program and waits until it has ended, however it did. */
export const endOf = async (child: ChildProcess): Promise<void> => {
  child.kill('SIGTERM')
  await new Promise((resolve) => (hasEnded(child) ? resolve(null) : child.once('exit', resolve)))
}

/** Waits until a control plane answers; throws with its last words when its process ends before. */
export const answering = async (url: string, child: ChildProcess): Promise<void> => {
  let said = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (said = (said + text).slice(-4_000)))
  for (;;) {
    if (hasEnded(child)) throw new Error(`the control plane ended with ${child.exitCode ?? child.signalCode}: ${said}`)
    const ok = await fetch(`${url}/healthz`).then(
      (r) => r.ok,
      () => false,
    )
    if (ok) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** Saves and enables the bench's workflow the way a user would; a runner is paired and takes nothing. */
export const addWorkflow = async (place: Place): Promise<void> => {
  const runner = await new TestRunner(place.url).pair(place.db, place.workspace, 'bench', 'local')
  await runner.post('/wire/hello', { capabilities: capabilities(), holding: [] })
  await place.api.addRepository({ body: { name: 'acme/shop', url: 'file:///nowhere/shop.git', defaultBranch: 'main' } })
  await place.api.saveWorkflow({ body: { source: workflowSource } })
  await place.api.enableWorkflow({ params: { workflow: 'fix-bug' }, body: { enabled: true } })
}

/** What the compiler makes of it; for runs that are written straight into the ledger. */
export const compiledWorkflow = () => {
  const result = compileWorkflow(workflowSource)
  if (!result.ok) throw new Error(result.errors.map((e) => e.message).join('\n'))
  return result
}
