/**
 * Which hosts may be reached?
 * Named ones, whole or with all that is below them (`*.example.com`), at one port. A name is compared as a name; an address of its own must be named as it is.
 */
import { domainToASCII } from 'node:url'

/** Where packages of the usual languages come from. The word `registries` in the policy stands for them. */
export const registries: readonly string[] = [
  'registry.npmjs.org',
  'registry.yarnpkg.com',
  'repo.yarnpkg.com',
  'pypi.org',
  'files.pythonhosted.org',
  'proxy.golang.org',
  'sum.golang.org',
  'index.crates.io',
  'static.crates.io',
  'crates.io',
  'rubygems.org',
  'index.rubygems.org',
  'repo.packagist.org',
  'packagist.org',
  'repo.maven.apache.org',
  'repo1.maven.org',
  'plugins.gradle.org',
]

/** A host that a program asks for, as it is compared: lower case, without a dot at its end, as ASCII. Null: it is none. */
export const plainHost = (host: string): string | null => {
  if (!/^[\p{L}\p{N}\p{M}._-]+$/u.test(host)) return null
  const ascii = domainToASCII(host.replace(/\.$/, '')).toLowerCase()
  return /^[a-z0-9._-]{1,253}$/.test(ascii) ? ascii : null
}

/** Is the host named? Without a port, 443 and 80 are meant. */
export const isNamed = (host: string, port: number, named: readonly string[]): boolean =>
  named
    .flatMap((one) => (one === 'registries' ? registries : [one]))
    .some((one) => {
      const [name = '', at] = one.split(':')
      if (at === undefined ? port !== 443 && port !== 80 : Number(at) !== port) return false
      return name.startsWith('*.') ? host.endsWith(name.slice(1)) : host === name
    })

/** What the policy allows, with what `registries` stands for beside the word. */
export const allowedHosts = (named: 'open' | readonly string[]): 'open' | readonly string[] =>
  named === 'open' || !named.includes('registries') ? named : [...named, ...registries]
