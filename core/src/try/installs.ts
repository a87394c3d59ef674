/**
 * Can the steps of a try install packages where a wall holds the network, and what would its owner have to allow?
 * The same question for the command line, the web app and `vpd doctor`. It never allows anything itself: only the machine's own policy does.
 */
import { kindOf } from '../policy/addresses.ts'
import { isNamed, registries } from '../policy/hosts.ts'
import type { Looked } from './looked.ts'

/** By the command that installs: where it gets packages from when nothing says otherwise. */
const tools: readonly (readonly [command: RegExp, host: string])[] = [
  [/\b(npm|pnpm) (ci|install|i|add)\b/, 'registry.npmjs.org'],
  [/\byarn( install| add)?( -|$|\s*&)/, 'registry.yarnpkg.com'],
  [/\bcomposer install\b/, 'repo.packagist.org'],
  [/\bgo (test|build|mod)\b/, 'proxy.golang.org'],
  [/\bcargo (test|build|check)\b/, 'index.crates.io'],
  [/\bpip3? install\b/, 'pypi.org'],
]
const ofNode = /^registry\.(npmjs\.org|yarnpkg\.com)$/

type Asked = {
  /** Commands that a person named, in the place of the repository's own. */
  readonly checks: readonly string[]
  readonly looked: Pick<Looked, 'isolation' | 'network' | 'checks'>
}

/** Hosts from which these commands get packages; none: they install nothing that is known. `own`: those that the repository names for npm and its like. */
export const packageHosts = (commands: readonly string[], own: readonly string[]): string[] => {
  const usual = tools.flatMap(([command, host]) => (commands.some((one) => command.test(one)) ? [host] : []))
  return [...new Set(usual.flatMap((host) => (ofNode.test(host) && own.length > 0 ? own : [host])))]
}

/** What is in the way of installing, and what would mend it. */
export type Shut = {
  /** Hosts that are asked for and that no step reaches. */
  readonly hosts: readonly string[]
  /** What the policy would have to name: `registries`, and hosts that are none of those. */
  readonly words: readonly string[]
}

/** Null: the checks install nothing, or can. */
export const installsShut = ({ checks, looked }: Asked): Shut | null => {
  const { isolation, network } = looked
  // What is told of the wall is how it stands around agents, for whom the policy may open it.
  const held = ['sandbox', 'container'].includes(isolation.level) && network.agents === 'open'
  if (isolation.network === 'open' && !held) return null
  const wanted = packageHosts(checks.length > 0 ? checks : looked.checks.commands, looked.checks.registries)
  const shut = (rules: 'open' | readonly string[]): string[] =>
    rules === 'open' ? [] : wanted.filter((host) => !reaches(rules, host))
  const hosts = shut(network.checks)
  if (hosts.length === 0) return null
  const words = hosts.map((host) => (registries.includes(host) ? 'registries' : host))
  return { hosts, words: [...new Set(words)].toSorted() }
}

const reaches = (rules: readonly string[], host: string): boolean => {
  const [name = '', port = '443'] = host.split(':')
  return isNamed(name, Number(port), rules)
}

/** Hosts among these that are on the machine itself or its network, as far as their names show it. */
export const nearHosts = (words: readonly string[]): string[] =>
  words.filter((one) => {
    const name = one.replace(/:\d+$/, '')
    return name === 'localhost' || (/^[\d.]+$/.test(name) && kindOf(name) === 'private')
  })

/** What is said about it beside the checks. */
export const shutWords = ({ hosts }: Shut): string =>
  `They download packages (${hosts.join(', ')}), which no step reaches here: they will fail, and the agent cannot install either.`

/** What allowing it means, for whoever is about to. */
export const allowMeans =
  'Checks and agents of every work on that runner reach these hosts from then on. A registry is a way out too: what runs in a step can send there what it reads, your code included. Workflows can narrow it, and taking the lines out again closes it.'

/** The lines of a policy that allow these hosts, where nothing about the network stands in it yet. `near`: of them, those on the machine or its network. */
export const networkLines = (
  hosts: readonly string[],
  near: readonly string[] = nearHosts(hosts),
  who: readonly ('checks' | 'agents')[] = ['checks', 'agents'],
): string[] => {
  const list = (of: readonly string[]): string =>
    `[${of.map((one) => (/^[a-z][a-z0-9.-]*$/.test(one) ? one : `"${one}"`)).join(', ')}]`
  return [
    'network:',
    ...who.map((key) => `  ${key}: ${list(hosts)}`),
    ...(near.length > 0 ? [`  near: ${list(near)}`] : []),
  ]
}

/** The command that writes them, on the machine of the runner. */
export const allowCommand = (words: readonly string[]): string => `vpd network allow ${words.join(' ')}`
