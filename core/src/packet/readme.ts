/**
 * How does a person check a packet with tools they have already?
 * The printed commands are run by a test as they stand. No text from outside is in it: ids, key ids and numbers only.
 */
import { chainStart } from '../run/chain.ts'
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
  signatureFile,
  signedFile,
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
export const readmeBytes = ({ run, number, count, control, runners, bodies }: ReadmeInput): Uint8Array => {
  const key = keyName(control)
  const head = signedFile(key, statementNames.head, 'pae')
  const manifest = signedFile(key, statementNames.manifest, 'pae')
  const verify = (pem: string, input: string, signature: string): string =>
    `openssl pkeyutl -verify -pubin -inkey ${pem} -rawin -in ${input} -sigfile ${signature}`
  const loop = (owner: PacketKey, ending: 'pae' | 'input'): string => {
    const folder = `openssl/${keyName(owner)}`
    return `(
  set -e
  for signed in ${folder}/*.${ending}; do
    ${verify(pemFile(keyName(owner)), '"$signed"', `"\${signed%.${ending}}.sig"`)}
  done
)`
  }
  return bytesOf(`# Audit packet of run ${number}

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

    vpd audit verify PACKET.zip --key control-plane.pem

It checks all that stands below and the story as well: that each approval was given on the digest that was shown, by people who may, before the effect, and that the effect did what was approved.

## With OpenSSL 3 and sha256sum

The keys of this packet prove nothing by themselves: whoever makes a packet can put a key in. Compare \`${pemFile(key)}\` with the key that your Viewport shows, or put your own copy in its place. Then, in the unpacked folder:

The control plane signed this manifest and this head:

\`\`\`sh
${verify(pemFile(key), manifest, signatureFile(key, statementNames.manifest))}
${verify(pemFile(key), head, signatureFile(key, statementNames.head))}
\`\`\`

The manifest is the signed one, and every file is as it lists them (on macOS: \`shasum -a 256\` for \`sha256sum\`):

\`\`\`sh
(
  set -e
  grep -q "\\"sha256\\":\\"$(sha256sum < ${manifestFile} | cut -c 1-64)\\"" ${manifest}
  sed -n 's/^{"path":"\\(.*\\)","bytes":[0-9]*,"sha256":"\\([0-9a-f]*\\)"},\\{0,1\\}$/\\2  \\1/p' ${manifestFile} | sha256sum -c --quiet
  echo "The manifest is the signed one, and every file is as it says."
)
\`\`\`

Every other statement of the control plane:

\`\`\`sh
${loop(control, 'pae')}
\`\`\`
${runners.map((runner) => `\nEvery report that the runner \`${runner.owner.kind === 'runner' ? runner.owner.id : ''}\` signed:\n\n\`\`\`sh\n${loop(runner, 'input')}\n\`\`\`\n`).join('')}
The facts are the ones whose chain ends in the signed head:

\`\`\`sh
(
  set -e
  hash=${chainStart}
  while IFS= read -r fact; do
    hash=$(printf 'viewport-fact-1\\n%s\\n%s' "$hash" "$fact" | sha256sum | cut -c 1-64)
  done < ${factsFile}
  grep -q "\\"count\\":$(wc -l < ${factsFile} | tr -d ' '),\\"hash\\":\\"$hash\\"" ${head}
  echo "The facts are the ones of the signed head."
)
\`\`\`
${bodies ? `\nEvery body has the digest that is its name:\n\n\`\`\`sh\n(\n  set -e\n  for body in ${bodiesFolder}*; do\n    test "$(sha256sum < "$body" | cut -c 1-64)" = "\${body#${bodiesFolder}}"\n  done\n)\n\`\`\`\n` : ''}`)
}
