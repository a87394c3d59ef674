// A Viewport with nothing in it, a repository as somebody has it, and the runner that this somebody pairs.
import type { Page } from 'playwright-core'

import { localAdmin, type Caller } from '../../testing/api.ts'
import { makeOwnRepository, type OwnRepository } from '../../testing/own-repository.ts'
import { makePlace, type Place } from '../../testing/place.ts'
import { endAllOf } from '../../testing/processes.ts'
import { run, start, viewportProgram, vpdProgram, type Running } from '../../testing/program.ts'

export type Fresh = {
  place: Place
  url: string
  repository: OwnRepository
  admin: Caller
  /** The handle of whoever started it. */
  handle: string
  linkOf(handle: string): Promise<string>
  /** The address that it printed when it started: good once, and of the person at the machine, not of a token. */
  readonly address: string
  /** Begins to pair a runner; gives its code, and the program that waits. */
  pair(): Promise<{ code: string; vpd: Running }>
  /** Brings the paired runner online. */
  work(): Promise<Running>
  stop(): Promise<void>
}

/** Starts it, without a runner. `runnerEnv`: what the runner has in its environment besides, keys for example. */
export async function startFresh(name: string, runnerEnv: Record<string, string> = {}): Promise<Fresh> {
  const place = makePlace(name)
  const repository = makeOwnRepository(place)
  const env = { VPD_HOME: `${place.folder}/runner`, ...runnerEnv }
  const up = start(place, viewportProgram, ['up', '--data', place.data, '--port', '0'])
  try {
    await up.says(/Ctrl-C stops everything/, 120_000)
  } catch (error) {
    endAllOf(place.folder)
    throw error
  }
  const admin = localAdmin(place.data)
  const { url } = admin
  const { person } = await admin.get('/api/me')
  const running = [up]
  return {
    place,
    url,
    repository,
    admin,
    handle: person.handle as string,
    address: /http\S+\/sign-in#\S+/.exec(up.out())?.[0] ?? '',
    async linkOf(handle) {
      const made = await run(place, viewportProgram, ['sign-in-link', `@${handle}`, '--json'])
      return (JSON.parse(made.out) as { url: string }).url
    },
    async pair() {
      const words = ['pair', '--worker', '--transport=polling', '--server', url, '--name', 'laptop']
      const vpd = start(place, vpdProgram, words, env)
      const [, code = ''] = await vpd.says(/\b([0-9A-Z]{2}-[0-9A-Z]{3}-[0-9A-Z]{3})\b/)
      return { code, vpd }
    },
    async work() {
      const words = ['worker', 'start', '--mode', 'persistent', '--transport', 'polling', '--server', url]
      const worker = start(place, vpdProgram, words, env)
      running.unshift(worker)
      await worker.says(/online/)
      return worker
    },
    async stop() {
      for (const one of running) {
        one.child.kill('SIGINT')
        await one.ended
      }
      endAllOf(place.folder)
      place.remove()
    },
  }
}

/** Types the code of a runner that waits to be paired, and lets it in. */
export async function letIn(page: Page, code: string): Promise<void> {
  await page.getByLabel('Code').fill(code)
  await page.getByRole('button', { name: 'Show the machine' }).click()
  await page.locator('.words').waitFor()
  await page.getByRole('button', { name: /pair it/ }).click()
}
