/**
 * Which commands check a packet with OpenSSL 3 and sha256sum alone?
 * Text for a person to paste; a test runs it as it stands. Only ids and names of our own making are in it.
 */
import { chainStart } from '../run/chain.ts'
import type { PacketKey } from './keys.ts'
import {
  bodiesFolder,
  factsFile,
  keyName,
  manifestFile,
  pemFile,
  signatureFile,
  signedFile,
  statementNames,
} from './names.ts'

/** A subshell that ends at the first failure, so that pasting it never closes a terminal. */
const block = (...lines: string[]): string => ['(', ...['set -e', ...lines].map((line) => `  ${line}`), ')'].join('\n')

const verify = (pem: string, signed: string, signature: string): string =>
  `openssl pkeyutl -verify -pubin -inkey ${pem} -rawin -in ${signed} -sigfile ${signature}`

/** One statement of the control plane: the plainest check there is. */
export const verifyOne = (key: PacketKey, statement: string): string =>
  verify(pemFile(keyName(key)), signedFile(keyName(key), statement, 'pae'), signatureFile(keyName(key), statement))

/** Everything that one key signed. `pae`: statements of the control plane; `input`: reports of a runner. */
export const verifyAll = (key: PacketKey, ending: 'pae' | 'input'): string =>
  block(
    `for signed in openssl/${keyName(key)}/*.${ending}; do`,
    `  ${verify(pemFile(keyName(key)), '"$signed"', `"\${signed%.${ending}}.sig"`)}`,
    'done',
  )

/** The manifest is the signed one, and the files are as it lists them. */
export const compareFiles = (key: PacketKey): string =>
  block(
    `grep -q "\\"sha256\\":\\"$(sha256sum < ${manifestFile} | cut -c 1-64)\\"" ${signedFile(keyName(key), statementNames.manifest, 'pae')}`,
    // the lines of the manifest as the lines that sha256sum reads
    `sed -n 's/^{"path":"\\(.*\\)","bytes":[0-9]*,"sha256":"\\([0-9a-f]*\\)"},\\{0,1\\}$/\\2  \\1/p' ${manifestFile} | sha256sum -c --quiet`,
    'echo "The manifest is the signed one, and every file is as it says."',
  )

/** The chain of the facts ends in the signed head. */
export const compareFacts = (key: PacketKey): string =>
  block(
    `hash=${chainStart}`,
    'while IFS= read -r fact; do',
    `  hash=$(printf 'viewport-fact-1\\n%s\\n%s' "$hash" "$fact" | sha256sum | cut -c 1-64)`,
    `done < ${factsFile}`,
    `grep -q "\\"count\\":$(wc -l < ${factsFile} | tr -d ' '),\\"hash\\":\\"$hash\\"" ${signedFile(keyName(key), statementNames.head, 'pae')}`,
    'echo "The facts are the ones of the signed head."',
  )

/** Bodies have the digests that are their names. */
export const compareBodies = (): string =>
  block(
    `for body in ${bodiesFolder}*; do`,
    `  test "$(sha256sum < "$body" | cut -c 1-64)" = "\${body#${bodiesFolder}}"`,
    'done',
    'echo "Every body fits its name."',
  )
