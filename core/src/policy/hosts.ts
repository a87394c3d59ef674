/**
 * How is a host written in rules, and does one list allow what another names?
 * A name, or all names below one (`*.example.com`), at one port; without a port, 443 and 80. The word `registries` stands for where packages of the usual
 * languages come from. What a list of a workflow names is compared with the policy's word by word: there `registries` covers only itself.
 */

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

export const hostForm =
  /^(registries|(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*(:\d{1,5})?)$/

/** The first of the wanted hosts that the list does not allow, or null. `open` allows all. */
export const notAllowed = (wanted: readonly string[], allowed: 'open' | readonly string[]): string | null =>
  allowed === 'open' ? null : (wanted.find((host) => !allowed.some((rule) => covers(rule, host))) ?? null)

const covers = (rule: string, host: string): boolean => {
  if (rule === host) return true
  const [[name = '', port], [wanted = '', at]] = [rule.split(':'), host.split(':')]
  const ports = port === at || (port === undefined && (at === '443' || at === '80'))
  return ports && (name === wanted || (name.startsWith('*.') && wanted.endsWith(name.slice(1))))
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
