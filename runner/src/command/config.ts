/** `vpd config`: what this runner goes by, and where it stands. */
import { existsSync } from 'node:fs'
import type { Command } from 'commander'
import { homeFolder, policyFile, runnerFolder } from '../identity/home.ts'
import { readKey } from '../identity/key.ts'
import { keyFileOf, readPairings } from '../identity/pairing.ts'
import { readPolicy } from '../policy/policy.ts'
import { common, type Common } from './options.ts'
import { plain, printer } from './print.ts'

export const addConfig = (program: Command): void => {
  common(program.command('config'))
    .description('the settings in force, with defaults written out, and the files they come from')
    .addHelpText(
      'after',
      '\nThe local policy is a file to edit (see docs/runner.md). A mistake in it is reported with line and column, and no worker starts.\n\nExamples:\n  $ vpd config\n  $ vpd config --json | jq .policy.repositories',
    )
    .action(run)
}

const run = async (options: Common): Promise<void> => {
  const print = printer(options.json ?? false)
  const home = homeFolder(options.home)
  const file = policyFile(home)
  const policy = await readPolicy(file)
  const pairings = await Promise.all(
    (await readPairings(home)).map(async (pairing) => ({
      ...pairing,
      folder: runnerFolder(home, pairing.runner),
      words: (await readKey(keyFileOf(home, pairing.runner))).words,
    })),
  )
  print.event({ home, policyFile: file, policyExists: existsSync(file), policy, pairings })
  print.line(`home     ${home}`)
  print.line(`policy   ${file}${existsSync(file) ? '' : ' (not there: the defaults hold)'}`)
  for (const one of pairings)
    print.line(
      `paired   ${one.server} as "${plain(one.name)}" (${one.runner}) · key ${one.words.join(' ')} · ${one.folder} · ${one.transport}${one.relay === undefined ? '' : ` by ${one.relay}`}`,
    )
  if (pairings.length === 0) print.line('paired   with no control plane')
  print.line('')
  for (const [key, value] of Object.entries(policy)) print.line(`${key}: ${JSON.stringify(value)}`)
}
