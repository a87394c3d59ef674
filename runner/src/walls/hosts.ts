/** How is a host that a program asks for compared with those that are named (core/policy/hosts)? As a name; an address of its own must be named as it is. */
import { domainToASCII } from 'node:url'
import { registries } from '@viewportai/core/policy/hosts'

/** A host that a program asks for, as it is compared: lower case, without a dot at its end, as ASCII. Null: it is none. */
export const plainHost = (host: string): string | null => {
  if (!/^[\p{L}\p{N}\p{M}._-]+$/u.test(host)) return null
  const ascii = domainToASCII(host.replace(/\.$/, '')).toLowerCase()
  return /^[a-z0-9._-]{1,253}$/.test(ascii) ? ascii : null
}

/** What the policy allows, with what `registries` stands for beside the word. */
export const allowedHosts = (named: 'open' | readonly string[]): 'open' | readonly string[] =>
  named === 'open' || !named.includes('registries') ? named : [...named, ...registries]
