/**
 * What is a person told before anything starts: what the checks are, what holds the agent, what it may cost and what leaves the machine?
 * The same sentences for the command line and the web app. Nothing that is not known is said; text from outside stands in them as it came.
 */
import { isScript } from './choose-agent.ts'
import type { Looked, LookedAgent, LookedRepository } from './looked.ts'
import type { PastCost } from './past-cost.ts'

/** What the words are about. `checks`: commands that a person named, in the place of the repository's own. */
export type Prospect = {
  readonly agent: LookedAgent
  readonly looked: Looked
  readonly checks: readonly string[]
  readonly budgetUsd: number
}

/** `nameOne`: how a person names checks where these words stand. */
export const checksWords = ({ checks, looked }: Pick<Prospect, 'checks' | 'looked'>, nameOne: string): string =>
  checks.length > 0
    ? checks.join(', ')
    : looked.checks.from === null
      ? `none found: you are asked whether to go on untested (${nameOne})`
      : `${looked.checks.commands.join(', ')}, from ${looked.checks.from}`

export const submoduleWords = ({
  submodules,
  submoduleCount,
}: Pick<LookedRepository, 'submodules' | 'submoduleCount'>): string =>
  `It has ${submoduleCount} ${submoduleCount === 1 ? 'submodule' : 'submodules'} (${submodules.join(', ')}). They are not fetched: checks that need them fail, and a change of them is refused.`

export const wallWords = ({ isolation }: Pick<Looked, 'isolation'>): string =>
  isolation.level === 'none'
    ? 'none: agent and checks can do all that the account of vpd can on its machine (bubblewrap makes one)'
    : `${isolation.level}, network ${isolation.network === 'open' ? 'open' : isolation.network === 'none' ? 'closed' : 'closed but for listed hosts'}`

/** Hosts with their ports, each once. */
const hostsOf = (model: LookedAgent['model']): string[] =>
  model.way === 'gateway'
    ? [...new Set(model.providers.map(({ url }) => /^[a-z]+:\/\/(?:[^@/]*@)?([^/?#]+)/i.exec(url)?.[1] ?? url))]
    : []

/** How an agent reaches its model. */
export const modelWords = ({ name, model }: Pick<LookedAgent, 'name' | 'model'>): string => {
  if (isScript(name)) return 'a script, without a model'
  switch (model.way) {
    case 'gateway':
      return `its model at ${hostsOf(model).join(', ')}, through the gateway of vpd`
    case 'login':
      return 'its own login, past the gateway'
    case 'own':
      return 'vpd gives it no model'
    case 'none':
      return model.why
  }
}

const dollars = (usd: number): string => (usd < 0.01 ? 'less than 0.01' : usd.toFixed(2))
/** An amount as a sentence says it. */
const aboutUsd = (usd: number): string => `${usd < 0.01 ? '' : 'about '}${dollars(usd)} USD`
const thousands = (tokens: number): string => `${Math.round(tokens / 1_000)}k`

/** What earlier runs of this workspace cost, else prices times an estimate, else "not known". Where nothing was measured, it says so. */
export const costWords = ({
  agent,
  looked: { reckoned },
  budgetUsd,
  past = null,
}: Pick<Prospect, 'agent' | 'budgetUsd'> & {
  readonly looked: Pick<Looked, 'reckoned'>
  /** What runs with this agent cost here; null: nobody was asked. */
  readonly past?: PastCost | null
}): string => {
  const { estimate, model } = agent
  if (isScript(agent.name)) return 'nothing: it is a script, without a model'
  if (model.way !== 'gateway')
    return 'not known: what it uses does not pass through the gateway, so nothing is counted and only the time is limited (45 minutes)'
  const stops = `it is stopped at ${budgetUsd} USD`
  if (past !== null && past.medianUsdMicros !== null)
    return `${aboutUsd(past.medianUsdMicros / 1_000_000)}: ${
      past.runs === 1 ? 'what one run' : `the median of what ${past.runs} runs`
    } with ${agent.name} that succeeded in this workspace cost; ${stops}`
  if (!estimate) return `not known: there is no price for its models; ${stops} where its use can be priced`
  const [cheapest, dearest] = estimate.models
  const { usual } = estimate
  const range =
    dollars(estimate.low) === dollars(estimate.high)
      ? null
      : `${dollars(estimate.low)} to ${dollars(estimate.high)} USD`
  const about = usual
    ? `${aboutUsd(usual.usd)} with ${usual.model}, which ${agent.name} usually takes${range === null ? '' : ` (${range} by another one, ${cheapest} to ${dearest})`}`
    : range === null
      ? aboutUsd(estimate.low)
      : `about ${range}, by the model it takes (${cheapest} to ${dearest})`
  return `${about}: a guess, ${thousands(reckoned.input)} tokens in, ${thousands(reckoned.cached)} from caches and ${thousands(reckoned.output)} out at ${estimate.pricesOf === null ? 'your own prices' : `list prices of ${estimate.pricesOf}`}; ${stops}`
}

/** To whom anything goes. */
export const leavesWords = ({
  agent: { name, model },
  looked: { isolation, network },
}: Pick<Prospect, 'agent'> & { readonly looked: Pick<Looked, 'isolation' | 'network'> }): string => {
  const hosts = hostsOf(model)
  const away = hosts.filter((host) => !/^(127\.|localhost(:|$)|\[::1\])/.test(host))
  const main = isScript(name)
    ? 'nothing: it is a script'
    : model.way === 'gateway'
      ? away.length === 0
        ? `nothing by the gateway: its model is on this machine (${hosts.join(', ')})`
        : `the task and what the agent reads of the repository, to its model at ${away.join(', ')}`
      : model.way === 'login'
        ? 'the task and what the agent reads of the repository, to whom its login belongs, past the gateway'
        : 'what this command sends by itself: vpd gives it no model and does not know'
  const others = [
    ...new Set([
      ...(network.agents === 'open' ? [] : network.agents),
      ...(network.checks === 'open' ? [] : network.checks),
    ]),
  ]
  const rest =
    isolation.network === 'open' || network.agents === 'open' || network.checks === 'open'
      ? 'agent and checks can reach the network besides: no wall closes it here'
      : others.length > 0
        ? `besides what the policy lets through: ${others.join(', ')}`
        : main.startsWith('nothing')
          ? 'the network is closed'
          : 'nothing else: the network is closed'
  return `${main}; ${rest}`
}

/** What is written, and when. The same for every repository. */
export const writesWords = 'nothing into the repository until you approve the change; then one branch, refs/heads/vp/…'

/** How the work goes. */
export const courseWords =
  'It plans and waits for you, carries the plan out in a clone of its own, checks it, and waits for you again.'
