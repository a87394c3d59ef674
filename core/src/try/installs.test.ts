/** Who cannot install here, and what would let them: each kind of repository, wall and policy by itself. */
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { installsShut, nearHosts, networkLines, packageHosts } from './installs.ts'
import type { Looked } from './looked.ts'

const shutFor = (
  commands: string[],
  about: {
    checks?: Looked['network']['checks']
    agents?: 'open'
    network?: 'none' | 'open' | 'listed'
    own?: string[]
  } = {},
  asked: string[] = [],
) =>
  installsShut({
    checks: asked,
    looked: {
      isolation: {
        level: 'sandbox',
        processes: 'pid-namespace',
        modelGateway: true,
        gitGateway: true,
        network: about.network ?? 'none',
      },
      network: { agents: about.agents ?? [], checks: about.checks ?? [] },
      checks: { commands, from: 'package.json', registries: about.own ?? [] },
    },
  })

test.each([
  [['npm ci', 'npm test'], ['registry.npmjs.org']],
  [['npm install --no-audit --no-fund', 'npm test'], ['registry.npmjs.org']],
  [['pnpm install --frozen-lockfile', 'pnpm test'], ['registry.npmjs.org']],
  [['yarn install --immutable', 'yarn test'], ['registry.yarnpkg.com']],
  [['yarn'], ['registry.yarnpkg.com']],
  [['composer install --no-interaction', 'composer test'], ['repo.packagist.org']],
  [['go test ./...'], ['proxy.golang.org']],
  [['cargo test'], ['index.crates.io']],
  [['pip install -r requirements.txt'], ['pypi.org']],
  [['npm test'], []],
  [['yarn test'], []],
  [['make test'], []],
  [['python3 -m pytest'], []],
])('%j gets packages from %j', (commands, hosts) => {
  expect(packageHosts(commands, [])).toEqual(hosts)
  expect(shutFor(commands)?.words ?? []).toEqual(hosts.length > 0 ? ['registries'] : [])
})

test('nothing is in the way where the network is open, or the policy names where they come from', () => {
  const npm = ['npm ci', 'npm test']
  expect(shutFor(npm)).toEqual({ hosts: ['registry.npmjs.org'], words: ['registries'] })
  expect(shutFor(npm, { network: 'open' })).toBeNull()
  expect(shutFor(npm, { network: 'open', agents: 'open' })).not.toBeNull() // agents alone were let out of the sandbox
  for (const checks of ['open' as const, ['registries'], ['registry.npmjs.org'], ['*.npmjs.org']])
    expect(shutFor(npm, { checks })).toBeNull()
  expect(shutFor(npm, { checks: ['docs.example'], network: 'listed' })).toMatchObject({ words: ['registries'] })
  expect(shutFor(npm, {}, ['npm test'])).toBeNull() // what a person named stands in the place of the repository's own
  expect(shutFor(['npm test'], {}, ['npm ci'])).toMatchObject({ words: ['registries'] })
})

test('registries that the repository names are asked for by their own names, and concern npm alone', () => {
  const own = ['npm.acme.example:4873', 'registry.npmjs.org']
  expect(shutFor(['npm ci'], { own })).toEqual({ hosts: own, words: ['npm.acme.example:4873', 'registries'] })
  expect(shutFor(['npm ci'], { own, checks: ['registries'] })).toMatchObject({ words: ['npm.acme.example:4873'] })
  expect(shutFor(['npm ci'], { own, checks: ['registries', 'npm.acme.example'] })).not.toBeNull() // another port
  expect(shutFor(['npm ci'], { own, checks: ['registries', 'npm.acme.example:4873'] })).toBeNull()
  expect(shutFor(['cargo test'], { own })).toMatchObject({ hosts: ['index.crates.io'] })
})

test('the lines are those of a policy, and say which hosts are near', () => {
  expect(parse(networkLines(['registries']).join('\n'))).toEqual({
    network: { checks: ['registries'], agents: ['registries'] },
  })
  const words = ['127.0.0.2:4873', 'registries']
  expect(parse(networkLines(words).join('\n'))).toEqual({
    network: { checks: words, agents: words, near: ['127.0.0.2:4873'] },
  })
  expect(nearHosts(['10.0.0.4', 'localhost:4873', '1.1.1.1', '169.254.169.254', 'a.example'])).toEqual([
    '10.0.0.4',
    'localhost:4873',
  ])
})
