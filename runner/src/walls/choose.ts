/**
 * Which wall does a step get on this machine?
 * The strongest there is, or the one that the owner's policy names; what cannot be had is a refusal with its reason, never a weaker wall in silence.
 */
import type { Isolation } from '@viewportai/core/run/facts'
import { detectHolding } from '../process/isolation.ts'
import { notAllowed } from '@viewportai/core/policy/hosts'
import { allowedHosts } from './hosts.ts'
import { failed } from '../work/failure.ts'
import type { Port, Setup } from '../work/port.ts'
import { bubblewrapWall, sandboxIsolation } from './bubblewrap.ts'
import { containerSign } from './container.ts'
import { detectBubblewrap, detectSeatbelt, detectUser } from './detect.ts'
import { platformRefusal } from './which-platforms.ts'
import { heldIsolation, heldWall } from './held.ts'
import { obstacle, userIsolation, userWall } from './other-user.ts'
import { within } from './reads.ts'
import { seatbeltIsolation, seatbeltWall } from './seatbelt.ts'
import { egressEnvironment, stepEgress } from './step-egress.ts'
import type { Openings, Wall } from './wall.ts'

/** What is known of a step's doors and files only when it is laid out. */
export type Needs = {
  /** Loopback ports of vpd's servers that its programs use. */
  readonly doors: readonly number[]
  /** Folders that its clones borrow objects from. */
  readonly borrows: readonly string[]
  readonly port: Pick<Port, 'report' | 'log' | 'left'>
}

/** A wall that is chosen and not built yet. */
export type WallPlan = {
  readonly isolation: Isolation
  /** Builds it. Throws WorkFailed. */
  open(needs: Needs): Promise<Wall>
}

/** Which hosts a step reaches beside what the policy says of its kind. */
export type Reach = {
  /** Hosts that the owner allowed in another way, as with a login. */
  readonly more?: readonly string[]
  /** What the workflow names: these and no other, if the policy allows them. */
  readonly only?: readonly string[]
}

type Ground = Pick<Setup, 'home' | 'walls' | 'network' | 'model'>

/** Chooses the wall for steps of this kind. Throws WorkFailed `wall_missing` when the policy names one that this machine does not have, `system_unfit` where no step is done at all,
 * `host_refused` and `network_not_held` where the workflow names hosts that the policy does not allow, or that nothing here holds. */
export const planWall = async (
  setup: Ground,
  kind: 'agents' | 'checks',
  { more = [], only }: Reach = {},
): Promise<WallPlan> => {
  const unfit = platformRefusal()
  if (unfit) throw failed('runner', 'system_unfit', unfit.words, unfit.fix)
  const level = setup.walls?.level ?? 'best'
  const named = setup.network?.[kind] ?? []
  const beyond = only && notAllowed(only, allowedHosts(named))
  if (beyond)
    throw failed(
      'policy',
      'host_refused',
      `The workflow needs the host ${beyond}, which this runner does not allow.`,
      `Name it under network.${kind} in policy.yaml on the runner, or take it out of the workflow.`,
      { retrySafe: true },
    )
  // What the workflow names is in what the policy allows; of the two it is the narrower list.
  const hosts = only ? [...only, ...more] : named === 'open' ? named : [...named, ...more]
  if (level === 'best' || level === 'sandbox' || level === 'container') {
    if (level === 'container' && containerSign() === null)
      throw missing('container', 'nothing shows that vpd runs in a container')
    const sandbox = await findSandbox()
    if ('build' in sandbox) {
      const { isolation } = sandbox
      // The container around vpd is its owner's word; the sandbox around each step inside it is vpd's.
      const named = (network: Isolation['network']): Isolation =>
        level === 'container' ? { ...isolation(network), level } : isolation(network)
      const key = `network.${kind} ${only ? 'of the workflow' : "in the runner's policy.yaml"}`
      return sandboxPlan(setup, key, hosts, { ...sandbox, isolation: named })
    }
    if (level === 'sandbox') throw missing('sandbox', sandbox.why)
    if (level === 'container')
      throw missing(
        'container',
        `no sandbox stands inside this container, and without one a step reads what vpd reads: ${sandbox.why}`,
      )
  }
  if (only)
    throw failed(
      'policy',
      'network_not_held',
      'The workflow names the hosts that its steps may reach, and no wall of this runner holds the network.',
      'Run it where a sandbox stands (`vpd doctor` says what is missing).',
      { retrySafe: true },
    )
  if (level === 'best' || level === 'user') {
    const user = await detectUser()
    const inTheWay = 'found' in user ? await obstacle(setup.home) : user.why
    if ('found' in user && inTheWay === null) {
      const holding = user.found
      return { isolation: userIsolation(holding), open: () => userWall(holding, setup.home) }
    }
    if (level === 'user') throw missing('user', inTheWay ?? '')
  }
  const holding = await detectHolding()
  return { isolation: heldIsolation(holding), open: async () => heldWall(holding) }
}

const missing = (level: string, why: string) =>
  failed(
    'policy',
    'wall_missing',
    `The policy of this runner wants steps behind the wall ${level}, which cannot be had here: ${why}.`,
    'Install what is missing (`vpd doctor` shows it), or change walls.level in policy.yaml on the runner.',
    { retrySafe: true },
  )

type Sandbox = {
  isolation(network: Isolation['network']): Isolation
  build(openings: Openings): Promise<Wall>
}

const findSandbox = async (): Promise<Sandbox | { why: string }> => {
  if (process.platform === 'darwin') {
    const found = await detectSeatbelt()
    return 'why' in found ? found : { isolation: seatbeltIsolation, build: async (openings) => seatbeltWall(openings) }
  }
  const made = await detectBubblewrap()
  return 'why' in made
    ? made
    : { isolation: sandboxIsolation, build: (openings) => bubblewrapWall(made.found, openings) }
}

/** What is covered: not the folder of this pairing alone, but the home it lies in, with the keys of models and the other pairings. */
const wholeHome = ({ home, model }: Ground): string => (model && within(home, model.home) ? model.home : home)

const sandboxPlan = (
  setup: Ground,
  /** What would allow a host. */
  key: string,
  hosts: 'open' | readonly string[],
  { isolation, build }: Sandbox,
): WallPlan => {
  const network = hosts === 'open' ? 'open' : hosts.length > 0 ? 'listed' : 'none'
  const base = { home: wholeHome(setup), reads: setup.walls?.read ?? [] }
  return {
    isolation: isolation(network),
    open: async ({ doors, borrows, port }) => {
      const as = isolation(network)
      if (hosts === 'open') return { ...(await build({ ...base, borrows, doors, network, env: {} })), isolation: as }
      const rules = { hosts, near: setup.network?.near ?? [], doors }
      const egress = await stepEgress(rules, key, port)
      const env = egressEnvironment(egress.port)
      try {
        const wall = await build({ ...base, borrows, doors: [...doors, egress.port], network, env })
        const close = async (): Promise<void> => {
          await wall.close()
          await egress.close()
        }
        return { ...wall, isolation: as, close }
      } catch (error) {
        await egress.close()
        throw error
      }
    },
  }
}
