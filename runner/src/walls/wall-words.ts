/** What do people read about the walls of this machine? What steps get, what they reach, and why it is not more. */
import { atLeast } from '@viewportai/core/run/wall-level'
import type { Setup } from '../work/port.ts'
import { WorkFailed } from '../work/failure.ts'
import { planWall } from './choose.ts'
import { detectBubblewrap, detectSeatbelt } from './detect.ts'

/** `ok` false: no step can be done as the policy is; null: it works, and could be better. */
export const wallWords = async (
  setup: Pick<Setup, 'home' | 'walls' | 'network'>,
): Promise<{ readonly ok: boolean | null; readonly words: string }> => {
  let agents, checks
  try {
    agents = await planWall(setup, 'agents')
    checks = await planWall(setup, 'checks')
  } catch (error) {
    if (error instanceof WorkFailed) return { ok: false, words: `${error.failure.summary} ${error.failure.check}` }
    throw error
  }
  const { level, processes } = agents.isolation
  const held = processes === 'pid-namespace' ? 'processes in a namespace of their own' : 'processes swept afterwards'
  const reached = (network: string): string =>
    network === 'none' ? 'no host' : network === 'listed' ? 'the hosts of the policy' : 'everything'
  const words = `${level}, ${held}; agents reach ${reached(agents.isolation.network)}, checks ${reached(checks.isolation.network)}`
  if (atLeast(level).includes('sandbox')) return { ok: true, words: `${words}${await whatIsLess()}` }
  const sandbox = process.platform === 'darwin' ? await detectSeatbelt() : await detectBubblewrap()
  const asked = setup.walls?.level ?? 'best'
  return asked === 'best' && 'why' in sandbox
    ? { ok: null, words: `${words}. No sandbox: ${sandbox.why}` }
    : { ok: true, words }
}

const whatIsLess = async (): Promise<string> => {
  const made = await detectBubblewrap()
  return 'found' in made && !made.found.forbidsNamespaces
    ? '. This bubblewrap cannot forbid user namespaces inside; 0.8 can'
    : ''
}
