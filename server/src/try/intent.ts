/** What is a person told before anything starts? What will happen, what it may cost, and what leaves the machine: nothing that is not known. */
import { columns, inLine, type Terminal } from '../cli/terminal.ts'
import type { Looked, LookedAgent } from './look.ts'
import type { OwnRepository } from './repository.ts'

export type Intent = {
  readonly repository: OwnRepository
  readonly task: string
  readonly agent: LookedAgent
  readonly looked: Looked
  /** Commands named on the command line, in the place of the repository's own. */
  readonly checks: readonly string[]
  readonly budgetUsd: number
  readonly dataFolder: string
  readonly runnerHome: string
}

export const showIntent = (terminal: Terminal, intent: Intent): void => {
  const { repository, task, agent, looked, dataFolder, runnerHome } = intent
  const rows: [string, string][] = [
    ['Task', inLine(task)],
    ['Repository', `${inLine(repository.folder)}, ${inLine(repository.branch)} at ${repository.commit.slice(0, 10)}`],
    ...repository.notes.map((note): [string, string] => ['', terminal.paint('wait', note)]),
    [
      'Remotes',
      repository.remotes.length === 0
        ? 'none'
        : `${repository.remotes.join(', ')}; nothing is fetched from or pushed to them`,
    ],
    [
      'Agent',
      `${agent.name}${agent.version === null ? '' : ` ${inLine(agent.version)}`}${agent.path === null ? '' : `, ${inLine(agent.path)}`}`,
    ],
    ['Checks', checksWords(intent)],
    ...checksTrouble(intent).map((words): [string, string] => ['', terminal.paint('wait', words)]),
    ['Wall', wallWords(looked)],
    ['Cost', costWords(intent)],
    ['Leaves', leavesWords(intent)],
    ['Writes', `nothing into the repository until you approve the change; then one branch, refs/heads/vp/…`],
    ['', `its own files: ${inLine(dataFolder)} and ${inLine(runnerHome)}`],
  ]
  terminal.line()
  for (const row of columns(rows, '  ')) terminal.line(row)
  terminal.line()
  terminal.line(
    '  It plans and waits for you, carries the plan out in a clone of its own, checks it, and waits for you again.',
  )
}

const checksWords = ({ checks, looked }: Intent): string =>
  checks.length > 0
    ? checks.map(inLine).join(', ')
    : looked.checks.from === null
      ? 'none found: you are asked whether to go on untested (--check "COMMAND" names one)'
      : `${looked.checks.commands.map(inLine).join(', ')}, from ${inLine(looked.checks.from)}`

const installs =
  /\b(npm (ci|install)|pnpm install|yarn install|composer install|go (test|build)|cargo (test|build)|pip3? install)\b/

/** Checks that install something need their registry, and a wall that holds the network lets nobody through by itself. */
const checksTrouble = ({ checks, looked }: Intent): string[] => {
  const commands = checks.length > 0 ? checks : looked.checks.commands
  const shut =
    looked.isolation.network !== 'open' && looked.network.checks !== 'open' && looked.network.checks.length === 0
  return shut && commands.some((one) => installs.test(one))
    ? [
        'They may want to download packages, and checks have no network here: name hosts in network.checks of policy.yaml.',
      ]
    : []
}

const wallWords = ({ isolation }: Looked): string =>
  isolation.level === 'none'
    ? 'none: agent and checks can do on this machine all that you can (bubblewrap makes one)'
    : `${isolation.level}, network ${isolation.network === 'open' ? 'open' : isolation.network === 'none' ? 'closed' : 'closed but for listed hosts'}`

const dollars = (usd: number): string => (usd < 0.01 ? 'less than 0.01' : usd.toFixed(2))
const thousands = (tokens: number): string => `${Math.round(tokens / 1_000)}k`

/** Prices times an estimate, or "not known". Nothing was measured, and it says so. */
export const costWords = ({
  agent,
  looked: { reckoned },
  budgetUsd,
}: Pick<Intent, 'agent' | 'looked' | 'budgetUsd'>): string => {
  const { estimate, model } = agent
  if (agent.name === 'sample') return 'nothing: it is a script, without a model'
  if (model.way !== 'gateway')
    return 'not known: what it uses does not pass through the gateway, so nothing is counted and only the time is limited (45 minutes)'
  const stops = `it is stopped at ${budgetUsd} USD`
  if (!estimate) return `not known: there is no price for its models; ${stops} where its use can be priced`
  const [cheapest, dearest] = estimate.models
  const range =
    dollars(estimate.low) === dollars(estimate.high)
      ? `about ${dollars(estimate.low)} USD`
      : `about ${dollars(estimate.low)} to ${dollars(estimate.high)} USD, by the model it takes (${cheapest} to ${dearest})`
  return `${range}: a guess, ${thousands(reckoned.input)} tokens in, ${thousands(reckoned.cached)} from caches and ${thousands(reckoned.output)} out at ${estimate.pricesOf === null ? 'your own prices' : `list prices of ${estimate.pricesOf}`}; ${stops}`
}

/** To whom anything goes. */
export const leavesWords = ({ agent, looked: { isolation, network } }: Pick<Intent, 'agent' | 'looked'>): string => {
  const { model } = agent
  const hosts = model.way === 'gateway' ? [...new Set(model.providers.map(({ url }) => new URL(url)))] : []
  const away = hosts.filter(({ hostname }) => !/^(127\.|localhost$|\[::1\]$)/.test(hostname))
  const main =
    agent.name === 'sample'
      ? 'nothing: it is a script'
      : model.way === 'gateway'
        ? away.length === 0
          ? `nothing by the gateway: its model is on this machine (${hosts.map(({ host }) => host).join(', ')})`
          : `the task and what the agent reads of the repository, to its model at ${away.map(({ host }) => host).join(', ')}`
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
        ? `besides what the policy lets through: ${others.map(inLine).join(', ')}`
        : 'nothing else: the network is closed'
  return `${main}; ${rest}`
}
