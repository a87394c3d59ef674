/** `vpd doctor`: is everything here that work needs, and if not, what mends it? */
import type { Command } from 'commander'
import { bad, type Finding } from '../doctor/finding.ts'
import { osRelease } from '../doctor/install.ts'
import { readPolicyFinding, secretFindings } from '../doctor/kept.ts'
import { diskFinding, gitFinding, limitFindings, nodeFinding } from '../doctor/machine.ts'
import { reachFindings } from '../doctor/reach.ts'
import { repositoryFindings } from '../doctor/repositories.ts'
import { serviceFindings } from '../doctor/kept-running.ts'
import { workFindings } from '../doctor/work.ts'
import { homeFolder, runnerFolder } from '../identity/home.ts'
import { readPairings } from '../identity/pairing.ts'
import { parsePolicy } from '../policy/policy.ts'
import { exitCodes } from './exit.ts'
import { common, type Common } from './options.ts'
import { plain, printer } from './print.ts'

export const addDoctor = (program: Command): void => {
  common(program.command('doctor'))
    .description('look whether everything is here that work needs, and say how to mend what is not')
    .addHelpText(
      'after',
      "\n✓ fine, · worth knowing, ✗ to be mended, → how. Exit code 8 when something is to be mended. Providers are asked whether they take the keys that are\nhere, repositories for their branches, allowed registries for a connection; nothing is fetched, and nothing costs.\n\nExamples:\n  $ vpd doctor\n  $ vpd doctor --json | jq '.findings[] | select(.ok == false)'",
    )
    .action(run)
}

const run = async (options: Common): Promise<void> => {
  const print = printer(options.json ?? false)
  const home = homeFolder(options.home)
  const found = await findingsOf(home)
  for (const { what, ok, words, fix } of found) {
    print.line(`  ${ok === null ? '·' : ok ? '✓' : '✗'} ${what}: ${plain(words)}`)
    if (fix !== null) print.line(`      → ${plain(fix)}`)
  }
  const healthy = found.every(({ ok }) => ok !== false)
  print.event({ healthy, findings: found })
  if (!healthy) process.exitCode = exitCodes.unhealthy
}

const findingsOf = async (home: string): Promise<Finding[]> => {
  const release = await osRelease()
  const { policy, findings } = await readPolicyFinding(home)
  const { free_megabytes } = (policy ?? parsePolicy('', '')).evidence
  const machine = [
    nodeFinding(),
    await gitFinding(release),
    await diskFinding(home, free_megabytes),
    ...(await limitFindings()),
  ]
  const pairings = await readPairings(home)
  const secrets = await secretFindings(home, pairings)
  const folders = pairings.map(({ runner }) => runnerFolder(home, runner))
  const work = policy ? await workFindings(home, policy, folders, release) : []
  const repositories = policy ? await repositoryFindings(folders, policy.repositories) : []
  const service = pairings.length === 0 ? [] : await serviceFindings()
  const reach = (await Promise.all(pairings.map((pairing) => reachFindings(home, pairing)))).flat()
  if (pairings.length === 0)
    reach.push(bad('pairing', 'this machine is not paired', 'Run `vpd pair --worker --server https://…`.'))
  return [
    ...machine,
    ...findings,
    ...secrets,
    ...work,
    ...(pairings.length === 0 ? [] : repositories),
    ...service,
    ...reach,
  ]
}
