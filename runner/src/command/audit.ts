/** `vpd audit verify`: does a packet prove what it says? Offline, against keys that were given or pinned. */
import type { Command } from 'commander'
import { auditVerify } from '../audit/verify.ts'
import { homeFolder } from '../identity/home.ts'
import { readPairings } from '../identity/pairing.ts'
import { common, type Common } from './options.ts'

export const addAudit = (program: Command): void => {
  const audit = program.command('audit').description('check what was recorded')
  common(audit.command('verify'))
    .description('verify the packet of a run: offline, against keys you trust')
    .argument('<packet>', 'the zip, or the folder it was unpacked to')
    .option('--key <key>', 'a key you trust: a PEM or JWK file, or its text; may be given several times', collect)
    .option('--no-pinned', 'leave out the keys that this machine pinned when it was paired')
    .addHelpText(
      'after',
      `
Without any key the best answer is "consistent, signer unknown": anybody could have made the packet.

Exit codes: 0 verified, 1 a fault was found, 2 the input cannot be used, 3 consistent and the signer unknown.

Examples:
  $ vpd audit verify run-12.packet.zip --key viewport.keys.json
  $ vpd audit verify ./unpacked --key control-plane.pem --json`,
    )
    .action(run)
}

const collect = (value: string, all: string[] = []): string[] => [...all, value]

const run = async (packet: string, options: Common & { key?: string[]; pinned: boolean }): Promise<void> => {
  const pinned = options.pinned
    ? (await readPairings(homeFolder(options.home))).flatMap(({ serverKeys }) => serverKeys)
    : []
  process.exitCode = await auditVerify(packet, {
    keys: [...(options.key ?? []), ...pinned.map((key) => JSON.stringify(key))],
    json: options.json ?? false,
    print: (text) => void process.stdout.write(`${text}\n`),
  })
}
