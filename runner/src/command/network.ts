/** `vpd network`: which hosts the steps of this machine may reach, and letting them reach more. */
import { InvalidArgumentError, Option, type Command } from 'commander'
import { hostForm } from '@viewportai/core/policy/hosts'
import { allowMeans, nearHosts } from '@viewportai/core/try/installs'
import { homeFolder, policyFile, runnerFolder } from '../identity/home.ts'
import { lockHolder } from '../identity/lock.ts'
import { readPairings } from '../identity/pairing.ts'
import { allowHosts } from '../policy/allow-hosts.ts'
import { readPolicy } from '../policy/policy.ts'
import { CommandEnd, exitCodes } from './exit.ts'
import { common, type Common } from './options.ts'
import { plain, printer } from './print.ts'

type Who = 'checks' | 'agents'
type Given = Common & { near: boolean; only?: Who }

export const addNetwork = (program: Command): void => {
  const network = program.command('network').description('hosts that steps may reach where a wall holds the network')
  common(network.command('list', { isDefault: true }))
    .description('what the policy lets checks and agents reach')
    .addHelpText('after', '\nExamples:\n  $ vpd network\n  $ vpd network --json | jq .network.checks')
    .action(list)
  common(network.command('allow'))
    .description('let checks and agents reach these hosts, by writing them into the policy')
    .argument('<hosts...>', 'registries (of the usual languages), name, *.name or name:port', addHost, [])
    .option('--near', 'they are on this machine or its network', false)
    .addOption(new Option('--only <who>', 'only for these').choices(['checks', 'agents']))
    .addHelpText(
      'after',
      `\n${allowMeans}\n\nExamples:\n  $ vpd network allow registries\n  $ vpd network allow npm.acme.example:8443 --near --only checks`,
    )
    .action(allow)
}

const addHost = (one: string, before: string[]): string[] => {
  if (!hostForm.test(one)) throw new InvalidArgumentError('A host is written name, *.name or name:port, or registries.')
  return [...before, one]
}

const list = async (options: Common): Promise<void> => {
  const print = printer(options.json ?? false)
  const file = policyFile(homeFolder(options.home))
  const { network } = await readPolicy(file)
  for (const who of ['checks', 'agents', 'near'] as const)
    print.line(`${who.padEnd(8)} ${hostsWords(network[who], who === 'near' ? 'none of them' : 'no host')}`)
  print.event({ policyFile: file, network })
}

const hostsWords = (hosts: 'open' | readonly string[], none: string): string =>
  hosts === 'open' ? 'every host (open)' : hosts.length === 0 ? none : hosts.join(', ')

const allow = async (hosts: string[], options: Given): Promise<void> => {
  const print = printer(options.json ?? false)
  const home = homeFolder(options.home)
  const file = policyFile(home)
  const near = options.near ? hosts.filter((one) => one !== 'registries') : nearHosts(hosts)
  const who: Who[] = options.only ? [options.only] : ['checks', 'agents']
  const written = await allowHosts(file, { hosts, near, for: who }).catch((error: NodeJS.ErrnoException) => {
    if (!['EACCES', 'EPERM', 'EROFS'].includes(error.code ?? '')) throw error
    throw new CommandEnd(
      exitCodes.refused,
      `${plain(file)} cannot be written (${error.code}). Whoever may write it runs this, or adds the hosts to network.`,
    )
  })
  const { network } = await readPolicy(file)
  const running = written ? await runningWorkers(home) : []
  print.line(
    written
      ? `  ✓ ${who.join(' and ')} may reach ${hosts.join(', ')} · ${plain(file)}`
      : `  ✓ ${who.join(' and ')} may reach ${hosts.join(', ')} already`,
  )
  if (written) print.line(`  ${allowMeans}`)
  for (const name of running)
    print.line(
      `  · the worker of "${plain(name)}" goes by the policy it began with: \`vpd worker start --takeover\` takes its place when its work has ended`,
    )
  print.event({ policyFile: file, written, network, running })
}

const runningWorkers = async (home: string): Promise<string[]> => {
  const all = await Promise.all(
    (await readPairings(home)).map(async ({ name, runner }) =>
      (await lockHolder(runnerFolder(home, runner))) === null ? [] : [name],
    ),
  )
  return all.flat()
}
