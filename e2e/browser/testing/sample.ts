// A sample workspace of a test's own, with the links its people sign in by.
import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { addressIn, localAdmin, type Caller } from '../../testing/api.ts'
import { portOfOurOwn } from '../../testing/own-port.ts'
import { makePlace, type Place } from '../../testing/place.ts'
import { endAllOf, processesOf } from '../../testing/processes.ts'
import { run, start, viewportProgram, type Running } from '../../testing/program.ts'

export type Sample = {
  place: Place
  url: string
  /** The link that the start printed: @jess, the admin, on the plan that waits. */
  first: string
  admin: Caller
  /** A fresh one-time link. */
  linkOf(handle: string): Promise<string>
  /** Starts a workflow as someone and waits until its first gate waits. */
  startBy(handle: string, workflow: string, title: string): Promise<void>
  /** A commit that a branch of the remote points to. */
  remoteHas(branch: string): string | null
  /** Ends the control plane as a crash would. */
  crash(): Promise<void>
  /** Starts it again on the same data and port. */
  again(): Promise<void>
  stop(): Promise<void>
}

/** Longer than `viewport up` gives each of its parts: what comes after that is a fault of its own, and is said. */
const stopMillis = 90_000

/** Starts it and waits until a decision waits. `settings`: of the control plane, as environment. */
export async function startSample(name: string, settings: Record<string, string> = {}): Promise<Sample> {
  const place = makePlace(name)
  const words = ['up', '--sample', '--data', place.data, '--port', String(await portOfOurOwn())]
  const begin = async (): Promise<Running> => {
    const begun = start(place, viewportProgram, words, settings)
    try {
      await begun.says(/Ctrl-C stops everything/, 120_000)
    } catch (error) {
      endAllOf(place.folder) // whoever asked for it gets nothing to stop
      throw error
    }
    return begun
  }
  const linkOf = async (handle: string): Promise<string> => {
    const made = await run(place, viewportProgram, ['sign-in-link', `@${handle}`, '--json'])
    return (JSON.parse(made.out) as { url: string }).url
  }
  let running = await begin()
  const { url, secret } = addressIn(running.out())
  return {
    place,
    url,
    first: `${url}/sign-in#${secret}`,
    get admin() {
      return localAdmin(place.data)
    },
    linkOf,
    startBy: async (handle, workflow, title) => {
      const admin = localAdmin(place.data)
      const token = new URL(await linkOf(handle)).hash.slice(1)
      const session = await fetch(`${url}/api/session`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ token }),
      })
      const cookie = session.headers.get('set-cookie')!.split(';')[0]!
      const me = (await (await fetch(`${url}/api/me`, { headers: { cookie } })).json()) as { csrf: string }
      const started = await fetch(`${url}/api/runs`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', cookie, 'viewport-csrf': me.csrf },
        body: JSON.stringify({ workflow, title }),
      })
      if (!started.ok) throw new Error(await started.text())
      const { number } = (await started.json()) as { number: number }
      // Of this very run: another one may open a gate meanwhile.
      const asks = async (): Promise<boolean> =>
        (await admin.get('/api/inbox'))['open'].some((one: { number: number }) => one.number === number)
      const deadline = Date.now() + 60_000
      while (!(await asks())) {
        if (Date.now() > deadline) throw new Error(`${title} asked nobody within a minute`)
        await sleep(100)
      }
    },
    remoteHas: (branch) => {
      const git = [
        '-C',
        join(place.data, 'sample/remotes/shop.git'),
        'rev-parse',
        '--verify',
        '-q',
        `refs/heads/${branch}`,
      ]
      try {
        return execFileSync('git', git, { env: { ...place.env, GIT_CONFIG_NOSYSTEM: '1' }, encoding: 'utf8' }).trim()
      } catch {
        return null
      }
    },
    crash: async () => {
      running.child.kill('SIGKILL')
      await running.ended
    },
    again: async () => {
      running = await begin()
    },
    stop: async () => {
      running.child.kill('SIGINT')
      const late = new AbortController()
      const ended = await Promise.race([
        running.ended.then(() => true),
        sleep(stopMillis, false, { signal: late.signal }).catch(() => false),
      ])
      late.abort()
      const left = processesOf(place.folder).map((one) => one.words)
      endAllOf(place.folder)
      place.remove()
      if (!ended)
        throw new Error(
          `viewport up did not end within ${stopMillis / 1_000} s. It said:\n${running.out()}${running.err()}\nThere still was:\n${left.join('\n')}`,
        )
    },
  }
}
