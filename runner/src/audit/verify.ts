// Is this packet file genuine? Reads it and the given keys, and asks core. It needs no server and no network.
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

import { readGivenKeys } from '@viewportai/core/packet/given-keys'
import type { Outcome, PublicKey, Verdict } from '@viewportai/core/packet/verdict'
import { unusable, verifyPacket } from '@viewportai/core/packet/verify'

import { readPacket } from './read-packet.ts'
import { ZipUnusable } from './read-zip.ts'
import { verdictWords } from './verdict-words.ts'

/** What `vpd audit verify` ends with: 0 verified, 1 a fault was found, 2 the input cannot be used, 3 consistent but the signer is unknown. */
export type AuditExit = 0 | 1 | 2 | 3
const exits: Record<Outcome, AuditExit> = { verified: 0, faulty: 1, unusable: 2, signer_unknown: 3 }

/** The answer: exit code, the whole verdict (what `--json` prints), and the report for people. */
export type Audit = { exit: AuditExit; verdict: Verdict; words: string }

/**
 * Verifies the packet at `path`, a zip or the folder it was unpacked to.
 *
 * `keys`: every `--key`, and the keys this runner pinned when it was paired. Each is the text of a PEM public key, of a JWK or
 * of a JWK set, or the path of a file that holds one. None given: the best answer is exit 3.
 * Never throws on bad input: a packet or a key that cannot be read is exit 2 with the reason.
 */
export async function verifyPacketFile(path: string, { keys }: { keys: readonly string[] }): Promise<Audit> {
  const given: PublicKey[] = []
  for (const key of keys) {
    const read = await givenKey(key)
    if ('problem' in read) return audit(unusable(read.problem))
    given.push(...read.keys)
  }
  try {
    return audit(verifyPacket(await readPacket(path), { keys: given }))
  } catch (cause) {
    if (cause instanceof ZipUnusable) return audit(unusable(cause.message))
    throw cause
  }
}

/** Runs the command: prints the report, or the verdict as JSON, and answers the exit code. */
export async function auditVerify(
  path: string,
  options: { keys: readonly string[]; json: boolean; print: (text: string) => void },
): Promise<AuditExit> {
  const { exit, verdict, words } = await verifyPacketFile(path, options)
  options.print(options.json ? JSON.stringify({ ...verdict, exit }) : words)
  return exit
}

const audit = (verdict: Verdict): Audit => ({ exit: exits[verdict.outcome], verdict, words: verdictWords(verdict) })

async function givenKey(key: string): Promise<{ keys: PublicKey[] } | { problem: string }> {
  const isText = /^\s*(-----BEGIN|\{)/.test(key)
  if (!isText && !existsSync(key))
    return { problem: `There is no key file ${JSON.stringify(key)}. --key takes a PEM or JWK file, or the key itself.` }
  const name = isText ? 'The given key' : `The key ${JSON.stringify(key)}`
  try {
    const read = readGivenKeys(isText ? key : await readFile(key, 'utf8'))
    return 'problem' in read ? { problem: `${name} ${read.problem}.` } : read
  } catch (cause) {
    return { problem: `${name} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.` }
  }
}
