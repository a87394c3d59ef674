/**
 * Which wall does a step get on this machine?
 * The strongest there is, or the one that the owner's policy names; what cannot be had is a refusal with its reason, never a weaker wall in silence.
 */
import type { Isolation } from '@viewportai/core/run/facts'
import { detectHolding } from '../process/isolation.ts'
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

type Ground = Pick<Setup, 'home' | 'walls' | 'network' | 'model'>

/** Chooses the wall for steps of this kind. `more`: hosts that the owner allowed in another way, as with a login. Throws WorkFailed `wall_missing` when the policy names one that this machine does not have, `system_unfit` where no step is done at all. */
export const planWall = async (
  setup: Ground,
  kind: 'agents' | 'checks',
  more: readonly string[] = [],
): Promise<WallPlan> => {
  const unfit = platformRefusal()
  if (unfit) throw failed('runner', 'system_unfit', unfit.words, unfit.fix)
  const level = setup.walls?.level ?? 'best'
  const named = setup.network?.[kind] ?? []
  const hosts = named === 'open' ? named : [...named, ...more]
  if (level === 'best' || level === 'sandbox' || level === 'container') {
    if (level === 'container' && containerSign() === null)
      throw missing('container', 'nothing shows that vpd runs in a container')
    const sandbox = await findSandbox()
    if ('build' in sandbox) {
      const { isolation } = sandbox
      // The container around vpd is its owner's word; the sandbox around each step inside it is vpd's.
      const named = (network: Isolation['network']): Isolation =>
        level === 'container' ? { ...isolation(network), level } : isolation(network)
      return sandboxPlan(setup, kind, hosts, { ...sandbox, isolation: named })
    }
    if (level === 'sandbox') throw missing('sandbox', sandbox.why)
    if (level === 'container')
      throw missing(
        'container',
        `no sandbox stands inside this container, and without one a step reads what vpd reads: ${sandbox.why}`,
      )
  }
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
  kind: 'agents' | 'checks',
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
      const egress = await stepEgress(rules, `network.${kind}`, port)
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
