/** What lies in an agent's folder? A clone per repository, a quarantine behind each, and the gateway that serves them. */
import path from 'node:path'
import type { AgentJob } from '@viewportai/core/wire/job'
import { startGateway, type Gateway } from '../git/gateway.ts'
import { makeQuarantine } from '../git/quarantine.ts'
import { cloneForStep, type Objects } from '../git/step-clone.ts'
import type { PinnedRepo } from './job-repos.ts'
import type { Port } from './port.ts'
import { recordPushes } from './pushes.ts'
import type { Session } from './session.ts'
import type { StepFolder } from './step-folder.ts'
import type { Wall } from '../walls/wall.ts'

/** What the layout of an attempt depends on. */
export type Layout = {
  port: Port
  job: AgentJob
  folder: StepFolder
  pinned: readonly PinnedRepo[]
  main: PinnedRepo
  base: string
  begin: string
  session: Session | null
  objects: Objects
  /** Builds the wall, as soon as the gateway listens. `borrows`: what the clones take objects from. */
  wall(gatewayPort: number, borrows: readonly string[]): Promise<Wall>
}

/** One clone per repository, each with a quarantine as its origin. Only the main one of an edit step takes pushes. */
export const layOut = async ({
  port,
  job,
  folder,
  pinned,
  main,
  base,
  begin,
  session,
  objects,
  wall: build,
}: Layout): Promise<{ gateway: Gateway; wall: Wall; dirs: Map<PinnedRepo, string> }> => {
  const quarantines = await Promise.all(
    pinned.map((one, at) => makeQuarantine(one.cache, path.join(folder.dir, 'quarantine', `${at}.git`))),
  )
  const message = `${job.title}`.slice(0, 200)
  const gateway = await startGateway(
    pinned.map((one, at) =>
      recordPushes(
        {
          port,
          pinned: one,
          base,
          branch: job.branch,
          quarantine: quarantines[at] ?? { dir: '' },
          scratch: folder.scratch,
          message,
        },
        one === main && job.mode === 'edit',
      ),
    ),
  )
  const names = folderNames(pinned)
  const dirs = new Map(pinned.map((one, at) => [one, path.join(folder.dir, 'tree', names[at] ?? String(at))]))
  const clones = Promise.all(
    pinned.map((one) =>
      cloneForStep(
        one.cache,
        dirs.get(one) ?? '',
        one === main ? begin : one.commit,
        job.branch,
        gateway.urlOf(one.repo.name),
        one === main ? (session?.tree ?? null) : null,
        objects,
      ),
    ),
  )
  const built = build(
    gateway.port,
    pinned.map((one) => path.join(one.cache.dir, 'objects')),
  )
  const [cloned, wall] = await Promise.allSettled([clones, built])
  if (cloned.status === 'fulfilled' && wall.status === 'fulfilled') return { gateway, wall: wall.value, dirs }
  if (wall.status === 'fulfilled') await wall.value.close()
  await gateway.close()
  throw (cloned.status === 'rejected' ? cloned : (wall as PromiseRejectedResult)).reason
}

/** The last part of each repository's name; a number behind it where two are alike. */
const folderNames = (pinned: readonly PinnedRepo[]): string[] => {
  const short = pinned.map(({ repo }) => (repo.name.split('/').at(-1) ?? '').replace(/[^A-Za-z0-9_-]/g, '-') || 'repo')
  return short.map((name, at) => (short.indexOf(name) === at ? name : `${name}-${at + 1}`))
}
