/** Does a pull request lie in one of these repositories, at the forge of this connection? */
import { placeThere } from './forge-place.ts'
import type { Connection, Effect } from './port.ts'
import { forgeOf as atGitHub } from './github/place.ts'
import { forgeOf as atGitLab } from './gitlab/place.ts'

const forges = { github: atGitHub, gitlab: atGitLab } as const

/** `ref`: `acme/shop#12`, `acme/shop!7`. Of a tool that has no repositories nothing lies in one. */
export const isWithin = (
  tool: string,
  connection: Pick<Connection, 'settings'>,
  repos: Effect['repos'],
  ref: string,
): boolean => {
  const forgeOf = Object.hasOwn(forges, tool) ? forges[tool as keyof typeof forges] : null
  const [, full] = /^([^#!\s]+)[#!]\d+$/.exec(ref) ?? []
  if (!forgeOf || full === undefined) return false
  try {
    placeThere({ repos }, forgeOf(connection), full)
    return true
  } catch {
    return false
  }
}
