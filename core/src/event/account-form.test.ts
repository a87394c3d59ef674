import { expect, test } from 'vitest'
import { accountMistake } from './account-form.ts'

const at = (tool: string, base: string) => ({ tool, settings: { base } })

test.each([
  'github:583231',
  'github:ghe.acme.dev/7',
  'github:localhost:8080/7',
  'gitlab:2',
  'slack:T024BE7LD/U024BE7LH',
  'slack:E024BE7LD/W024BE7LH',
  'linear:0a1b2c3d-6e9b-4d3a-8f1c-2b7e5a9d4c6f',
  'jira:712020:0a1b2c3d-6e9b-4d3a-8f1c-2b7e5a9d4c6f',
  'jira:5b10ac8d82e05b22cc7d4ef5',
])('%s may be named by an event', (account) => expect(accountMistake(account, [], [])).toBeNull())

test.each([
  ['@dana', 'Write it like github:583231.'],
  ['github', 'Write it like github:583231.'],
  [':5', 'Write it like github:583231.'],
  ['github:', 'Write it like github:583231.'],
  ['github:dana', 'api.github.com/users/LOGIN'],
  ['github:0', 'api.github.com/users/LOGIN'],
  ['gitlab:@dana', 'users?username=LOGIN'],
  ['slack:U024BE7LH', 'slack:T024BE7LD/U024BE7LH'],
  ['slack:@dana', 'slack:T024BE7LD/U024BE7LH'],
  ['linear:dana@acme.dev', 'Deliveries'],
  ['linear:Dana', 'Deliveries'],
  ['jira:dana@acme.dev', 'profile'],
  ['GitHub:5', 'Was github:5 meant?'],
  ['gitub:5', 'Was github:5 meant?'],
  ['Slack:T024BE7LD/U024BE7LH', 'Was slack:T024BE7LD/U024BE7LH meant?'],
])('%s can be named by none: %s', (account, next) => expect(accountMistake(account, [], [])?.next).toContain(next))

const speaks = (name: string, ...accounts: string[]) => ({ name, accounts })

test('what a source of the workspace may speak for is its sender’s own word', () => {
  expect(accountMistake('gitub:5', [], [speaks('a', 'gitub:')])).toBeNull()
  expect(accountMistake('gitub:5', [], [speaks('a', 'tracker:')])).not.toBeNull()
  expect(accountMistake('github:dana', [], [speaks('a', 'github:')])).not.toBeNull()
  expect(accountMistake('tracker:acme.dev/5', [], [speaks('a'), speaks('b', 'tracker:acme.dev/')])).toBeNull()
  // One of before speaks for any account.
  expect(accountMistake('tracker:5', [], [{ name: 'old', accounts: null }])).toBeNull()
})

test.each([['tracker:42'], ['jenkins:x']])(
  '%s, which no tool and no source tells of, is refused with who could',
  (account) => {
    const tool = account.split(':')[0]!
    const none = accountMistake(account, [], [])!
    expect(none.why).toBe(
      `no tool is called ${tool} here (github, gitlab, slack, linear, jira tell of accounts), and no webhook source may speak for accounts that begin with ${tool}:`,
    )
    expect(none.next).toContain(
      `ake the source that tells of them first: \`viewport sources add NAME --account ${tool}:\`.`,
    )
    const some = accountMistake(account, [], [speaks('Bug tracker', 'other:'), speaks('alerts')])!
    expect(some.next).toContain(
      `\`viewport sources change NAME --account ${tool}:\`. Sources here: "Bug tracker", alerts.`,
    )
    const many = accountMistake(
      account,
      [],
      Array.from({ length: 13 }, (_, n) => speaks(`s${n}`)),
    )!
    expect(many.next).toContain('s9 and 3 more.')
  },
)

test.each(['ci', 'schedule', 'webhook'])('events of %s name nobody, which is said', (tool) => {
  expect(accountMistake(`${tool}:x`, [], [speaks('a', 'tracker:')])).toEqual({
    why: `events of ${tool} name no account of a person`,
    next: expect.stringContaining('`started_by: [source]`'),
  })
  expect(accountMistake(`${tool}:x`, [], [speaks('a', `${tool}:`)])).toBeNull()
})

test('what no source could be let speak for is said to be no account', () =>
  expect(accountMistake('my tool:5', [], [])?.next).toBe('Write it like github:583231.'))

test('where only servers of one’s own are connected, a number alone is nobody’s there', () => {
  const ghe = at('github', 'https://ghe.acme.dev/api/v3')
  const lab = at('gitlab', 'https://gitlab.acme.dev')
  expect(accountMistake('github:5', [ghe, lab], [])?.next).toBe('Write github:ghe.acme.dev/5.')
  expect(accountMistake('gitlab:5', [ghe, lab], [])?.next).toBe('Write gitlab:gitlab.acme.dev/5.')
  expect(accountMistake('github:ghe.acme.dev/5', [ghe], [])).toBeNull()
  expect(accountMistake('github:5', [ghe, at('github', 'https://api.github.com')], [])).toBeNull()
  expect(accountMistake('github:5', [lab], [])).toBeNull()
})
