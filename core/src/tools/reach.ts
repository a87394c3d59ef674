/**
 * Does a connection hold the thing that an effect is about?
 * Told from what it is set to and what it has seen, without asking the tool. It chooses nothing: `core/src/run/choose-connection.ts` does.
 */
import { actingAt } from './acting.ts'
import { forgeReach } from './forge-reach.ts'
import { reach as atGitHub } from './github/reach.ts'
import { reach as atGitLab } from './gitlab/reach.ts'
import { reach as atJira } from './jira/reach.ts'
import { reach as atLinear } from './linear/reach.ts'
import type { About, Reach, Reaching } from './reaching.ts'
import { reach as atSlack } from './slack/reach.ts'
import { placeOf } from '../wire/holding.ts'

const tools: Readonly<Record<string, (connection: Reaching, about: About) => Reach>> = {
  github: (connection, about) => forgeReach(atGitHub(connection), connection, about),
  gitlab: (connection, about) => forgeReach(atGitLab(connection), connection, about),
  jira: atJira,
  ci: ({ settings, account, places }, about) =>
    settings['forge'] === 'github' || settings['forge'] === 'gitlab'
      ? reachOf(settings['forge'], { settings: { base: settings['base'] ?? '' }, account, places }, about)
      : 'not',
  linear: atLinear,
  slack: atSlack,
}

/** Of a tool that has no such things (`webhook`) nothing is known. */
export const reachOf = (tool: string, connection: Reaching, about: About): Reach =>
  Object.hasOwn(tools, tool) ? tools[tool]!(connection, about) : 'maybe'

/** The address of a connection's server, as two that mean the same are written. Empty for a tool that has no setting for it. */
export const serverOf = (tool: string, { settings }: Pick<Reaching, 'settings'>): string =>
  placeOf(settings[actingAt(tool)?.at ?? 'base'] ?? '')
