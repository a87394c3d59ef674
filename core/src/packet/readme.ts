/**
 * How does a person check a packet with tools they have already?
 * No text from outside is in it: ids, key ids and numbers only.
 */
import { compareBodies, compareFacts, compareFiles, verifyAll, verifyOne } from './commands.ts'
import type { PacketKey } from './keys.ts'
import {
  bodiesFolder,
  envelopeFile,
  factsFile,
  keyName,
  keysFile,
  manifestFile,
  pageFile,
  pemFile,
  statementNames,
} from './names.ts'
import { bytesOf } from './utf8.ts'

export type ReadmeInput = {
  run: string
  number: number
  count: number
  control: PacketKey
  runners: readonly PacketKey[]
  bodies: number
}

/** README.md of a packet. */
export const readmeBytes = (input: ReadmeInput): Uint8Array => {
  const { control, runners, bodies } = input
  const steps = [
    step(
      'The control plane signed this manifest and this head:',
      `${verifyOne(control, statementNames.manifest)} &&\n${verifyOne(control, statementNames.head)}`,
    ),
    step(
      'The manifest is the signed one, and every file is as it lists them (on macOS: `shasum -a 256` for `sha256sum`):',
      compareFiles(control),
    ),
    step('The control plane signed every other statement:', verifyAll(control, 'pae')),
    ...runners.map((runner) =>
      step(
        `The runner \`${runner.owner.kind === 'runner' ? runner.owner.id : ''}\` signed its reports:`,
        verifyAll(runner, 'input'),
      ),
    ),
    step('The facts are the ones whose chain ends in the signed head:', compareFacts(control)),
    ...(bodies ? [step('Every body has the digest that is its name:', compareBodies())] : []),
  ]
  return bytesOf(`${intro(input)}\n${steps.join('\n')}`)
}

const step = (words: string, commands: string): string => `${words}\n\n\`\`\`sh\n${commands}\n\`\`\`\n`

const intro = ({ run, number, count, control, bodies }: ReadmeInput): string => `# Audit packet of run ${number}

\`${run}\`: ${count} facts, signed by the control plane with the key \`${control.kid}\`.

| File | What it is |
| --- | --- |
| \`${pageFile}\` | the run for people: story, decisions, change, receipts |
| \`${factsFile}\` | the facts, one exact text per line |
| \`statements/*.dsse.json\` | in-toto statements in DSSE envelopes: the run's head, every decision, every effect, the manifest |
| \`statements/*.jws\` | reports as their runner signed them |
| \`${keysFile}\`, \`keys/*.pem\` | the public keys, whose they are, and when they count |
| \`openssl/\` | the exact signed bytes and raw signatures, for the commands below |
| \`${manifestFile}\` | every file with its length and SHA-256, covered by \`${envelopeFile(statementNames.manifest)}\` |
| \`${bodiesFolder}\` | ${bodies ? 'plans, patches and logs by their SHA-256' : 'not here: plans, patches and logs were left out; the facts name their SHA-256'} |

## With Viewport's runner

    vpd audit verify PACKET.zip --key viewport.keys.json

\`viewport keys -o viewport.keys.json\` gives the keys of a Viewport that you trust. It checks all that stands below and the story as well: that each approval was given on the digest that was shown, by people who may, before the effect, and that the effect did what was approved.

## With OpenSSL 3 and sha256sum

The keys of this packet prove nothing by themselves: whoever makes a packet can put a key in. Compare \`${pemFile(keyName(control))}\` with the key that \`viewport keys\` shows, or put your own copy in its place. Then, in the unpacked folder:
`
