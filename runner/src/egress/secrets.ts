/** Which secret values does this runner know? */
import type { OwnKey } from '../identity/key.ts'
import { soundsSecret } from '../policy/environment.ts'
import type { Policy } from '../policy/policy.ts'
import { shortestSecret, type Secret } from './encodings.ts'

/**
 * Its own key, the variables the policy calls secret, and every variable of its environment whose name says so:
 * agents get only few of them, but whatever turns up in their output must not go on.
 */
export const knownSecrets = (policy: Policy, key: OwnKey | null, env: NodeJS.ProcessEnv = process.env): Secret[] => {
  const named = policy.secrets.map((name) => ({ name, value: env[name] ?? '' }))
  const likely = Object.entries(env).flatMap(([name, value = '']) =>
    soundsSecret(name) && !isOrdinary(value) ? [{ name, value }] : [],
  )
  return [...(key ? [{ name: 'runner-key', value: key.secret }] : []), ...named, ...likely].filter(
    ({ value }) => value.length >= shortestSecret,
  )
}

// SSH_AUTH_SOCK=/tmp/…, XDG_SESSION_TYPE=wayland: the name sounds secret, the value is none.
const isOrdinary = (value: string): boolean => /^(\/|[a-z]{1,12}$|\d{1,12}$|true$|false$)/i.test(value)
