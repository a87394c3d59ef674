/** What does this machine say it can do? */
import os from 'node:os'
import { actingAt } from '@viewportai/core/tools/acting'
import { isFor, type Holding } from '@viewportai/core/wire/holding'
import type { Capabilities } from '@viewportai/core/wire/messages'
import { detectCapabilities } from '../agent/detect.ts'
import { holdings } from '../credentials/provider-credentials.ts'
import { errandsAt } from '../outside/errands-at.ts'
import { plain } from './print.ts'
import { fits } from '../policy/pattern.ts'
import type { Policy } from '../policy/policy.ts'
import type { Setup } from '../work/port.ts'
import { version } from './version.ts'

/** The folders and settings of a runner that work needs. `home`: vpd's own, where keys of models are. */
export const setupOf = (folder: string, policy: Policy, home: string): Setup => ({
  home: folder,
  model: { home, logins: policy.logins, prices: policy.prices, models: policy.models },
  tools: { home, rules: policy.tools },
  provider: { home },
  passEnvironment: policy.environment,
  trust: policy.trust,
  walls: policy.walls,
  network: policy.network,
  acp: policy.acp,
  commands: Object.fromEntries(
    Object.entries(policy.commands).map(([name, { argv, prompt, modes, models, model }]) => [
      name,
      { argv, promptAs: prompt, modes, models, ...(model && { model }) },
    ]),
  ),
})

/** Agents (only those the policy allows), tools, isolation, and what was asked for on the command line. */
export const capabilitiesOf = async (asked: {
  /** vpd's home. */
  home: string
  policy: Policy
  slots: number
  mode: 'persistent' | 'ephemeral'
  /** Of a worker: what it tells of requests that detection makes. */
  setup?: Setup
  transport: 'polling' | 'relay'
}): Promise<Capabilities> => {
  const { agents, tools, isolation } = await detectCapabilities(
    asked.setup ?? setupOf(asked.home, asked.policy, asked.home),
  )
  const holds = await heldHere(asked.home, asked.policy)
  return {
    vpd: version,
    os: `${os.type()} ${os.release()}`,
    arch: os.arch(),
    host: os.hostname().slice(0, 255),
    agents: agents.filter(({ name }) => fits(name, asked.policy.agents)),
    tools,
    isolation,
    slots: asked.slots,
    labels: asked.policy.labels,
    // A control plane that knows nothing of it takes no hello that says it.
    ...(holds.length > 0 && { holds }),
    mode: asked.mode,
    transport: asked.transport,
  }
}

/** Credentials of tools that are kept here, for the actions that the policy allows as well. */
const heldHere = async (home: string, { actions }: Policy): Promise<Holding[]> =>
  (await holdings(home)).flatMap((one) => {
    const named = one.actions.flatMap((name) =>
      name === `${one.tool}.*` ? Object.keys(actingAt(one.tool)!.actions) : [name],
    )
    const allowed = named.filter((name) => fits(name, actions))
    const errands = errandsAt(one.tool).flatMap(({ what, action }) =>
      isFor(one, action) && fits(action, actions) ? [what] : [],
    )
    return allowed.length + errands.length === 0
      ? []
      : [{ ...one, actions: allowed, ...(errands.length > 0 && { errands }) }]
  })

/** What people call an agent whose name in workflows is shorter. */
const calledBy: Readonly<Record<string, string>> = { claude: 'claude-code' }

/** "git, node, claude-code, codex": what was found on this machine, for people. What is built into vpd is not found. */
export const detectedWords = ({ agents, tools }: Pick<Capabilities, 'agents' | 'tools'>): string => {
  const found = [
    ...tools.map(({ name }) => name),
    ...agents.filter(({ path }) => path !== null).map(({ name }) => calledBy[name] ?? name),
  ]
  return found.length ? plain([...new Set(found)].join(', ')) : 'no agents and no tools'
}
