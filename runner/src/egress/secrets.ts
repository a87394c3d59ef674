/** Which secret values does this runner know? */
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { keysOf, readKeys } from '../credentials/model-keys.ts'
import type { OwnKey } from '../identity/key.ts'
import { soundsSecret } from '../policy/environment.ts'
import type { Policy } from '../policy/policy.ts'
import { shortestSecret, type Secret } from './encodings.ts'

/**
 * Its own key, the keys of models, the tokens of its credentials file, the variables the policy calls secret, and every variable of its environment whose name
 * says so: agents get only few of them, but whatever turns up in their output must not go on.
 */
export const knownSecrets = async (
  known: { policy: Policy; key: OwnKey | null; home: string; folder: string },
  env: NodeJS.ProcessEnv = process.env,
): Promise<Secret[]> => {
  const named = known.policy.secrets.map((name) => ({ name, value: env[name] ?? '' }))
  const likely = Object.entries(env).flatMap(([name, value = '']) =>
    soundsSecret(name) && !isOrdinary(value) ? [{ name, value }] : [],
  )
  const own = known.key ? [{ name: 'runner-key', value: known.key.secret }] : []
  return [
    ...own,
    ...(await credentials(known.folder)),
    ...(await modelKeys(known.home, env)),
    ...(await kept(known.home, 'tool')),
    ...(await kept(known.home, 'provider')),
    ...named,
    ...likely,
  ].filter(({ value }) => value.length >= shortestSecret)
}

/** Keys of models, wherever they lie. What cannot be read now is learned when a step reads it. */
const modelKeys = async (home: string, env: NodeJS.ProcessEnv): Promise<Secret[]> => {
  const keys = await readKeys(home, env).catch(() => [])
  return keys.flatMap(({ name, upstream }) => (upstream ? [{ name: `model-key-${name}`, value: upstream.key }] : []))
}

/** Secrets of tools, and what acts at them. Those in a keychain that cannot be read now are learned when they are used. */
const kept = async (home: string, kind: 'tool' | 'provider'): Promise<Secret[]> =>
  (await keysOf(home, kind).catch(() => [])).flatMap(({ name, value }) => (value === null ? [] : [{ name, value }]))

/** Tokens for repositories: every `token` in `credentials.json`, whatever else stands there. */
const credentials = async (folder: string): Promise<Secret[]> => {
  const text = await readFile(path.join(folder, 'credentials.json'), 'utf8').catch(() => '{}')
  const found: Secret[] = []
  const visit = (value: unknown, key: string): void => {
    if (typeof value === 'string') {
      if (key === 'token') found.push({ name: 'repository-token', value })
    } else if (typeof value === 'object' && value !== null)
      for (const [name, one] of Object.entries(value)) visit(one, name)
  }
  try {
    visit(JSON.parse(text), '')
  } catch {
    // the one who uses it says what is wrong with it
  }
  return found
}

// SSH_AUTH_SOCK=/tmp/…, XDG_SESSION_TYPE=wayland: the name sounds secret, the value is none.
const isOrdinary = (value: string): boolean => /^(\/|[a-z]{1,12}$|\d{1,12}$)/i.test(value)
