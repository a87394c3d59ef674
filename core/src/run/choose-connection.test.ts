import { describe, expect, test } from 'vitest'
import { chooseConnection, type Candidate, type Question, type Used } from './choose-connection.ts'

const at = (
  name: string,
  over: Partial<Candidate> & { base?: string; repos?: string; owner?: string } = {},
): Candidate => ({
  connection: `con_${name}`,
  name,
  settings: { base: over.base ?? 'https://api.github.com', ...(over.repos && { repos: over.repos }) },
  account: { id: '7', name: 'viewport-acme', ...(over.owner && { owner: over.owner }) },
  places: {},
  ...(over.places && { places: over.places }),
  ...(over.account !== undefined && { account: over.account }),
})
const seen = (over: { repos?: string } = {}) => at('b', { ...over, places: { 'acme/shop': '9' } })
const gone = (one: Candidate): Used => ({ ...one, gone: true })
const there = (one: Candidate): Used => ({ ...one, gone: false })
const repos = [
  { name: 'acme/shop', url: 'https://github.com/acme/shop.git' },
  { name: 'acme/web', url: 'git@ghe.acme.dev:acme/web.git' },
]
const asked = (over: Partial<Question>): string => {
  const chosen = chooseConnection({
    tool: 'github',
    action: 'github.open_pr',
    about: { target: 'acme/shop', params: { repo: 'acme/shop' }, repos },
    candidates: [],
    bound: null,
    used: [],
    again: false,
    ...over,
  })
  return 'summary' in chosen
    ? chosen.code
    : `${chosen.one.name}${chosen.instead === null ? '' : ` for ${chosen.instead}`}`
}
const other = { account: { id: '8', name: 'someone' } }
const ghe = at('ghe', { base: 'https://ghe.acme.dev/api/v3' })

describe('without anything that the run has used', () => {
  test.each<[string, Partial<Question>, string]>([
    ['there is none', {}, 'not_connected'],
    ['the only one', { candidates: [at('a')] }, 'a'],
    ['the only one, elsewhere: its tool says what it lacks', { candidates: [ghe] }, 'ghe'],
    ['two servers', { candidates: [ghe, at('a')] }, 'a'],
    [
      'two servers, the other repository',
      { candidates: [at('a'), ghe], about: { target: 'acme/web#7', params: {}, repos } },
      'ghe',
    ],
    ['the one that lists it', { candidates: [at('a', { repos: 'acme/else' }), at('b', { repos: 'Acme/Shop' })] }, 'b'],
    ['the one that has seen it', { candidates: [at('a'), at('b', { places: { 'acme/shop': '9' } })] }, 'b'],
    [
      'the one that lists it, beside one that has seen it',
      { candidates: [seen(), at('a', { repos: 'acme/shop' })] },
      'a',
    ],
    [
      'one that has seen it and lists others alone says no more than the next one',
      { candidates: [seen({ repos: 'acme/elsewhere' }), at('a')] },
      'several_connections',
    ],
    [
      'the one that lists it, though the run has used one that has seen it',
      { candidates: [seen(), at('a', { repos: 'acme/shop' })], used: [there(seen())] },
      'a',
    ],
    [
      'installations of two organizations',
      { candidates: [at('a', { owner: 'globex' }), at('b', { owner: 'ACME' })] },
      'b',
    ],
    ['installations of others alone', { candidates: [at('a', { owner: 'globex' }), ghe] }, 'no_connection_there'],
    [
      'two that both list it',
      { candidates: [at('a', { repos: 'acme/shop' }), at('b', { repos: 'acme/shop' })] },
      'several_connections',
    ],
    ['two of which nothing is known', { candidates: [at('a'), at('b')] }, 'several_connections'],
    [
      'a repository of no workflow',
      { candidates: [at('a'), at('b')], about: { target: 'x/y', params: {}, repos } },
      'no_connection_there',
    ],
  ])('%s', (_what, over, expected) => expect(asked(over)).toBe(expected))
})

describe('with one that the run has used', () => {
  const [a, b] = [at('a'), at('b')]
  test.each<[string, Partial<Question>, string]>([
    ['it stays', { candidates: [a, b], used: [there(b)] }, 'b'],
    ['the first of two', { candidates: [a, b], used: [there(b), there(a)] }, 'b'],
    ['not where it cannot hold the thing', { candidates: [ghe, a], used: [there(ghe)] }, 'a'],
    ['not where another one is named', { candidates: [a, at('b', { repos: 'acme/shop' })], used: [there(a)] }, 'b'],
    [
      'bound: it stays, whatever another is set to',
      { candidates: [a, at('b', { repos: 'acme/shop' })], bound: there(a) },
      'a',
    ],
    ['removed, made again as the same account', { candidates: [b], used: [gone(a)] }, 'b for a'],
    ['bound, removed, made again as the same account', { candidates: [b, ghe], bound: gone(a) }, 'b for a'],
    ['removed, another account is there', { candidates: [at('b', other)], bound: gone(a) }, 'connection_gone'],
    ['... and a person said so', { candidates: [at('b', other)], bound: gone(a), again: true }, 'b for a'],
    [
      'removed, another server: a person cannot say so',
      { candidates: [ghe], bound: gone(a), again: true },
      'connection_gone',
    ],
    [
      'removed, of no account that is known',
      { candidates: [at('b', { account: null })], bound: gone(at('a', { account: null })) },
      'connection_gone',
    ],
    [
      'removed, the same account of another organization',
      { candidates: [at('b', { owner: 'globex' })], bound: gone(a), again: true },
      'connection_gone',
    ],
  ])('%s', (_what, over, expected) => expect(asked(over)).toBe(expected))
})

test('one at another site never stands in, also where nothing else says that it does not hold the thing', () => {
  const jiraAt = (name: string, site: string): Candidate => ({ ...at(name), settings: { site } })
  const jira = { tool: 'jira', about: { target: '10042', params: {}, repos }, again: true }
  const bound = gone(jiraAt('old', 'https://acme.atlassian.net/'))
  expect(asked({ ...jira, bound, candidates: [jiraAt('new', 'https://globex.atlassian.net')] })).toBe('connection_gone')
  expect(asked({ ...jira, bound, candidates: [jiraAt('new', 'https://acme.atlassian.net')] })).toBe('new for old')
})

describe('at other tools', () => {
  const set = (name: string, settings: Record<string, string>): Candidate => ({ ...at(name), settings })
  test.each<[string, string, string, Record<string, string>[], string]>([
    ['an issue of a project', 'jira', 'OPS-7', [{ projects: 'WEB' }, { projects: 'WEB, ops' }], '1'],
    [
      'an issue that only says its number',
      'jira',
      '10042',
      [{ projects: 'WEB' }, { projects: 'OPS' }],
      'several_connections',
    ],
    ['an issue of a team', 'linear', 'PAY-3', [{ teams: 'OPS' }, { teams: 'PAY' }], '1'],
    ['teams by names', 'linear', 'PAY-3', [{ teams: 'Payments' }, { teams: 'OPS' }], '0'],
    ['a channel', 'slack', '#Ops', [{ channels: 'ops' }, { channels: 'web' }], '0'],
    ['a thread', 'slack', 'C024BE91L/1700000000.000100', [{ channels: 'C024BE91X' }, { channels: 'C024BE91L' }], '1'],
    ['the channel of a team', 'slack', 'team:pay', [{ 'home.pay': '#pay' }, { home: '#all' }], '0'],
    ['two Slacks that listen to everything', 'slack', '#ops', [{}, {}], 'several_connections'],
    [
      'the forge of a build',
      'ci',
      'acme/shop@0123abcd build 1 attempt 1',
      [
        { forge: 'github', base: 'https://ghe.acme.dev/api/v3' },
        { forge: 'github', base: 'https://api.github.com' },
      ],
      '1',
    ],
    ['the forge of CI', 'ci', 'acme/shop', [{}, { forge: 'github', base: 'https://api.github.com' }], '1'],
  ])('%s', (_what, tool, target, settings, expected) =>
    expect(
      asked({ tool, about: { target, params: {}, repos }, candidates: settings.map((one, n) => set(String(n), one)) }),
    ).toBe(expected),
  )
})
