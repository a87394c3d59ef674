/** A whole control plane on a database of its own, and people who talk to it through its front door. */
import os from 'node:os'
import path from 'node:path'
import pino from 'pino'
import { afterAll } from 'vitest'
import { startControlPlane, type ControlPlane } from '../src/program.ts'
import { readSettings, type Settings } from '../src/settings.ts'
import { inWorkspace } from '../src/database/tenant.ts'
import { addPerson, addTeam } from '../src/people/add.ts'
import { makeWorkspace } from '../src/people/workspace.ts'
import { openSession } from '../src/sign-in/session.ts'
import { isRefusal, type Refusal } from '@viewportai/core/refusal'
import { testDatabase, type TestDatabase } from './database.ts'
import { send, type Came } from './send.ts'

export { send, type Came } from './send.ts'

const system = { kind: 'system' } as const

const orThrow = <T>(value: T | Refusal): T => {
  if (isRefusal(value)) throw new Error(value.words)
  return value as T
}

/** A signed-in person. `get`, `post` … go through HTTP with the cookie and the csrf word of an own session. */
export class TestPerson {
  readonly id: string
  readonly handle: string
  readonly headers: Record<string, string>
  readonly url: string

  constructor(id: string, handle: string, url: string, headers: Record<string, string>) {
    this.id = id
    this.handle = handle
    this.url = url
    this.headers = headers
  }

  call(method: string, where: string, body?: unknown, headers: Record<string, string> = {}): Promise<Came> {
    return send(this.url, method, where, { body, headers: { ...this.headers, ...headers } })
  }
  get(where: string): Promise<Came> {
    return this.call('GET', where)
  }
  post(where: string, body: unknown = {}): Promise<Came> {
    return this.call('POST', where, body)
  }
  put(where: string, body: unknown = {}): Promise<Came> {
    return this.call('PUT', where, body)
  }
  del(where: string): Promise<Came> {
    return this.call('DELETE', where)
  }
  /** The same person at another replica. */
  at(plane: ControlPlane): TestPerson {
    return new TestPerson(this.id, this.handle, plane.url, this.headers)
  }
}

export type TestWorkspace = {
  readonly id: string
  readonly admin: TestPerson
  person(handle: string, more?: { role?: 'admin' | 'member'; teams?: string[] }): Promise<TestPerson>
}
export type TestPlane = {
  readonly test: TestDatabase
  readonly plane: ControlPlane
  readonly url: string
  /** Another replica on the same database, for requests: a process has one engine. */
  replica(): Promise<ControlPlane>
  /** A workspace with an admin and these teams. */
  workspace(slug: string, teams?: string[]): Promise<TestWorkspace>
}

/** Starts it now; ends it after all tests of the file. `log`: for tests that wait until something was logged. */
export const testPlane = async (
  more: Partial<Settings> = {},
  log = pino({ level: process.env.VIEWPORT_TEST_LOG ?? 'silent' }),
): Promise<TestPlane> => {
  const test = await testDatabase()
  const settings: Settings = {
    ...readSettings({}),
    databaseUrl: test.url,
    key: Buffer.from(test.key).toString('base64'),
    port: 0,
    dataFolder: path.join(os.tmpdir(), 'viewport-test-unused'),
    ...more,
  }
  const start = async (works: boolean): Promise<ControlPlane> => {
    const plane = await startControlPlane(settings, { checkAnswers: true, works, log })
    afterAll(() => plane.close())
    return plane
  }
  const plane = await start(true)
  return {
    test,
    plane,
    url: plane.url,
    replica: () => start(false),
    workspace: (slug, teams = []) => workspaceIn(plane, slug, teams),
  }
}

const workspaceIn = async (plane: ControlPlane, slug: string, teams: string[]): Promise<TestWorkspace> => {
  const { db } = plane.context
  const made = await makeWorkspace(
    db,
    { slug, name: slug, sample: false, admin: { handle: `${slug}-admin`, name: `${slug} Admin` } },
    async (tx) => {
      for (const team of teams) orThrow(await addTeam(tx, system, { slug: team, name: team }))
    },
  )
  const signedIn = async (person: string, handle: string): Promise<TestPerson> => {
    const secret = await inWorkspace(db, made.workspace, (tx) =>
      openSession(tx, person, 'test', { csrf: `csrf-of-${handle}`, token: null }),
    )
    return new TestPerson(person, handle, plane.url, {
      cookie: `viewport=${secret}`,
      'viewport-csrf': `csrf-of-${handle}`,
    })
  }
  return {
    id: made.workspace,
    admin: await signedIn(made.admin, `${slug}-admin`),
    async person(handle, { role = 'member', teams: slugs = [] } = {}) {
      const person = await inWorkspace(db, made.workspace, async (tx) =>
        orThrow(await addPerson(tx, system, { handle, name: handle, email: null, role, teams: slugs })),
      )
      return signedIn(person.id, handle)
    },
  }
}
