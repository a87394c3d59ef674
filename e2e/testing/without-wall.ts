// On a machine where vpd can build no wall around agents, a runner gets work for them only when an admin has accepted it so.
import type { Place } from './place.ts'
import { run, viewportProgram } from './program.ts'

/** Accepts every runner of this control plane that has no wall, as its admin does; true when there was one: then tokens decide nothing, and a session has to. */
export async function acceptBareRunners(place: Place): Promise<boolean> {
  const env = { VIEWPORT_DATA_DIR: place.data }
  const listed = await run(place, viewportProgram, ['runners', '--json'], env)
  const { runners } = JSON.parse(listed.out) as {
    runners: { id: string; noWall: object | null; capabilities: { isolation: { level: string } } }[]
  }
  let bare = false
  for (const { id, noWall, capabilities } of runners) {
    bare ||= capabilities.isolation.level === 'none'
    if (capabilities.isolation.level !== 'none' || noWall !== null) continue
    const changed = await run(place, viewportProgram, ['runners', 'change', id, '--accept-no-wall'], env)
    if (changed.code !== 0) throw new Error(`runners change: ${changed.out}${changed.err}`)
  }
  return bare
}
