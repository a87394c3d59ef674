/**
 * How is a host written in rules, and does one list allow what another names?
 * A name, or all names below one (`*.example.com`), at one port; without a port, 443 and 80. The word `registries` stands for where packages of the usual
 * languages come from; the runner knows which those are.
 */

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
