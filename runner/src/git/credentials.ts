/**
 * Which token may this one git process use?
 * Tokens live in `credentials.json` in the runner's home, readable by its owner alone, by address prefix and class. A token is handed to
 * one git process through an askpass program of vpd and never stands in an argument, a config file or an agent's environment.
 */
import { randomBytes } from 'node:crypto'
import { readFile, rename, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { noteUse } from '../credentials/last-used.ts'
import { failed } from '../work/failure.ts'
import type { Remote } from './remote-url.ts'

const Token = z.strictObject({ username: z.string().min(1), token: z.string().min(1) })
/** `{ "https://git.acme.example/": { "checkout": {username, token}, "publish": {username, token}, "ca": "/path/of/ca.pem" } }` */
const Credentials = z.record(
  z.string().startsWith('https://').endsWith('/'),
  z.strictObject({ checkout: Token.optional(), publish: Token.optional(), ca: z.string().startsWith('/').optional() }),
)

export type CredentialClass = 'checkout' | 'publish'

/** Prints the user name or the token, whichever git asks for, from the environment of this one process. */
const askpass = `#!/bin/sh
case "$1" in
  [Uu]sername*) printf '%s\\n' "$VPD_GIT_USERNAME" ;;
  *) printf '%s\\n' "$VPD_GIT_TOKEN" ;;
esac
`

/** The environment that lets one git process use the token of this class for this remote. Empty where none is set. */
export const credentialEnvironment = async (
  home: string,
  kind: CredentialClass,
  remote: Remote,
): Promise<Record<string, string>> => {
  if (remote.kind === 'file') return {}
  const all = await readCredentials(home)
  const prefix = Object.keys(all)
    .filter((start) => remote.url.startsWith(start))
    .toSorted((a, b) => b.length - a.length)[0]
  const entry = prefix === undefined ? undefined : all[prefix]
  const token = entry?.[kind]
  if (token) void noteUse(home, kind, prefix!)
  const program = path.join(home, 'askpass')
  if (token && (await readFile(program, 'utf8').catch(() => '')) !== askpass) {
    // renamed into place: another git process may be running it right now
    const draft = `${program}.${randomBytes(6).toString('hex')}`
    await writeFile(draft, askpass, { mode: 0o700 })
    await rename(draft, program)
  }
  return {
    ...(entry?.ca ? { GIT_SSL_CAINFO: entry.ca } : {}),
    ...(token ? { GIT_ASKPASS: program, VPD_GIT_USERNAME: token.username, VPD_GIT_TOKEN: token.token } : {}),
  }
}

const readCredentials = async (home: string): Promise<z.infer<typeof Credentials>> => {
  const file = path.join(home, 'credentials.json')
  const found = await stat(file).catch(() => null)
  if (!found) return {}
  const refused = (why: string) =>
    failed(
      'policy',
      'credentials_refused',
      `The file credentials.json of the runner cannot be used: ${why}.`,
      `Mend ${file} on the runner.`,
      { retrySafe: true },
    )
  if ((found.mode & 0o077) !== 0) throw refused('others than its owner may read or write it (chmod 600)')
  try {
    return Credentials.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    // the error may quote the file: only where, never what
    throw refused(
      error instanceof z.ZodError
        ? `${error.issues[0]?.path.slice(1).join('.') || 'its form'} is not as expected`
        : 'it is not JSON',
    )
  }
}
