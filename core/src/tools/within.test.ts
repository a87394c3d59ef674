/** Does a pull request lie in a repository of the run? Names that look alike, other servers, and tools that have none. */
import { expect, it } from 'vitest'
import { isWithin } from './within.ts'

const repos = [
  { name: 'shop', url: 'https://ghe.acme.dev/acme/shop.git' },
  { name: 'acme/disk', url: 'file:///srv/git/disk.git' },
]
const at = (base: string) => ({ settings: { base } })
const github = at('https://ghe.acme.dev/api/v3')

it.each([
  ['acme/shop#12', true],
  ['ACME/Shop#12', true], // names there know no case
  ['acme/disk#1', true],
  ['shop#1', false], // only Viewport calls it so
  ['acme/shopping#12', false],
  ['evil/shop#12', false],
  ['acme/shop/../payroll#1', false],
  ['acme/shop', false],
  ['acme/shop#12 acme/payroll#1', false],
  ['acme/shop#x', false],
  ['', false],
])('GitHub: %j is %s', (ref, expected) => {
  expect(isWithin('github', github, repos, ref)).toBe(expected)
})

it('another server has other repositories under the same names', () => {
  expect(isWithin('github', at('https://api.github.com'), [repos[0]!], 'acme/shop#12')).toBe(false)
})

it('GitLab: merge requests of projects in groups', () => {
  const group = [{ name: 'x', url: 'git@gitlab.acme.dev:acme/web/shop.git' }]
  const gitlab = at('https://gitlab.acme.dev')
  expect(isWithin('gitlab', gitlab, group, 'acme/web/shop!7')).toBe(true)
  expect(isWithin('gitlab', gitlab, group, 'acme/shop!7')).toBe(false)
  expect(isWithin('gitlab', at('https://gitlab.com'), group, 'acme/web/shop!7')).toBe(false)
})

it('of a tool without repositories nothing lies in one', () => {
  for (const tool of ['slack', 'linear', 'constructor', ''])
    expect(isWithin(tool, github, repos, 'acme/shop#12')).toBe(false)
})
