import { createHash } from 'node:crypto'
import canonicalize from 'canonicalize'
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { stringify } from 'yaml'
import { compileWorkflow } from './compile.ts'
import { compiled, landingPage } from './testing/examples.ts'

/** What a workflow means, apart from how it is spelled. */
type Meaning = {
  name: string
  team: string | null
  event: 'issue_created' | 'issue_assigned'
  teams: string[]
  repos: { name: string; ref: string | null; write: string[] | null }[]
  context: string[]
  gates: { plan: boolean; change: boolean; required: number; expires: number | null; approvers: string[] | null }
  checks: string[] | null | false
  actions: ('git.open_change' | 'slack.comment')[]
  draft: string | null
  usd: number
  seconds: number
  tokens: number | null
  agents: { plan: string | null; edit: string | null }
  pool: string | null
  deny: string[]
}

const word = fc.constantFrom('payments', 'core', 'web', 'ops', 'data')
const meaning: fc.Arbitrary<Meaning> = fc.record({
  name: fc.constantFrom('bug-to-pr', 'docs', 'w'),
  team: fc.option(word),
  event: fc.constantFrom<Meaning['event']>('issue_created', 'issue_assigned'),
  teams: fc.uniqueArray(word, { maxLength: 3 }),
  repos: fc.uniqueArray(word, { minLength: 1, maxLength: 3 }).chain((names) =>
    fc.tuple(
      ...names.map((name) =>
        fc.record({
          name: fc.constant(`acme/${name}`),
          ref: fc.option(fc.constantFrom('main', 'dev')),
          write: fc.option(
            fc.uniqueArray(fc.constantFrom('src/**', 'docs/**', '*.md'), { minLength: 1, maxLength: 2 }),
          ),
        }),
      ),
    ),
  ),
  context: fc.uniqueArray(word, { maxLength: 3 }),
  gates: fc.record({
    plan: fc.boolean(),
    change: fc.boolean(),
    required: fc.integer({ min: 1, max: 3 }),
    expires: fc.option(fc.constantFrom(3_600, 86_400, 90_000)),
    approvers: fc.option(fc.constantFrom(['team:core'], ['team:core', 'codeowners'])),
  }),
  checks: fc.constantFrom<Meaning['checks']>(null, false, ['npm test'], ['npm ci', 'npm test']),
  actions: fc.uniqueArray(fc.constantFrom<Meaning['actions'][number]>('git.open_change', 'slack.comment'), {
    maxLength: 2,
  }),
  draft: fc.option(fc.constantFrom('A change', '{{ trigger.title }}')),
  usd: fc.constantFrom(5, 2.5, 20),
  seconds: fc.constantFrom(2_700, 3_600, 7_200),
  tokens: fc.option(fc.constantFrom(2_000_000, 500_000, 1_234)),
  agents: fc.record({
    plan: fc.option(fc.constantFrom('claude', 'codex')),
    edit: fc.option(fc.constantFrom('claude', 'codex')),
  }),
  pool: fc.option(word),
  deny: fc.uniqueArray(fc.constantFrom('terraform *', 'rm *'), { maxLength: 2 }),
})

/** One of the many spellings of a meaning; the tape of coins chooses. */
const spell = (held: Meaning, tape: boolean[]): string => {
  let at = 0
  const coin = (): boolean => tape[at++ % tape.length]!
  const pick = <T>(a: T, b: T): T => (coin() ? a : b)
  const many = (list: unknown[]): unknown => (list.length === 1 && coin() ? list[0] : list)
  const duration = (seconds: number): string =>
    pick(`${seconds}s`, seconds % 3_600 === 0 ? `${seconds / 3_600}h` : `${seconds / 60}m`)
  const gate = (): object => ({
    ...(held.gates.required !== 1 || coin() ? { required: held.gates.required } : {}),
    ...(held.gates.expires !== null
      ? { expires_after: duration(held.gates.expires), ...(coin() ? { on_expiry: 'reject' } : {}) }
      : {}),
    ...(held.gates.approvers
      ? { approvers: many(held.gates.approvers) }
      : held.team !== null && coin()
        ? { approvers: `team:${held.team}` }
        : {}),
    ...(coin() ? { exclude: many(['requester']), on_reject: 'stop' } : {}),
    ...(coin() ? { remind_after: pick('1d', '24h'), max_rounds: 3 } : {}),
  })
  const gates = [...(held.gates.plan ? ['plan_review'] : []), ...(held.gates.change ? ['pr_approval'] : [])].map(
    (name) => {
      const options = gate()
      return Object.keys(options).length === 0 && coin() ? name : { [name]: options }
    },
  )
  const plainTeams = many(held.teams)
  const doc: Record<string, unknown> = {
    name: held.name,
    ...(held.team === null ? {} : { team: held.team }),
    trigger: many([
      {
        linear: {
          event: many([held.event]),
          ...(held.teams.length === 0 ? {} : { team: pick(plainTeams, { is: plainTeams }) }),
          ...(coin() ? { started_by: pick('members', ['members'] as never), own_events: false } : {}),
        },
      },
    ]),
    repos: held.repos.map((repo, at) => {
      const first = at === 0
      const globs = repo.write === null ? (coin() ? { write: '**' } : {}) : { write: many(repo.write) }
      const options = {
        ...(repo.ref === null ? {} : { ref: repo.ref }),
        ...(first ? globs : {}), // a run changes one repository, the others are read
        ...(coin() ? { access: first ? 'write' : 'read' } : {}),
      }
      return Object.keys(options).length === 0 && coin() ? repo.name : { [repo.name]: options }
    }),
    ...(held.context.length === 0 && coin()
      ? {}
      : { context: held.context.map((name) => pick<unknown>(name, { name })) }),
    approvals:
      gates.length === 2 && coin() && gates.every((each) => typeof each === 'object')
        ? Object.assign({}, ...(gates as object[]))
        : pick(gates, gates.toReversed()), // which gate stands first means nothing
    ...(held.checks === null
      ? coin()
        ? { verify: 'own_checks' }
        : {}
      : {
          verify:
            held.checks === false
              ? false
              : coin()
                ? { run: held.checks, max_rounds: 2, baseline: true }
                : many(held.checks),
        }),
    actions: held.actions.map((name) =>
      name === 'git.open_change'
        ? {
            [name]: {
              ...(held.draft === null ? (coin() ? { title: '{{ run.title }}' } : {}) : { title: held.draft }),
              ...(coin() ? { repo: held.repos[0]!.name } : {}),
            },
          }
        : name,
    ),
    budget: {
      ...(held.usd !== 5 || coin() ? { usd: pick<unknown>(held.usd, `$${held.usd}`) } : {}),
      ...(held.seconds !== 2_700 || coin() ? { time: duration(held.seconds) } : {}),
      ...(held.tokens === null
        ? {}
        : {
            tokens:
              held.tokens === 1_234
                ? held.tokens
                : pick<unknown>(held.tokens, held.tokens === 2_000_000 ? '2M' : '500k'),
          }),
    },
    ...(held.agents.plan === null && held.agents.edit === null
      ? {}
      : {
          agents: {
            ...(held.agents.plan === null ? {} : { plan: held.agents.plan }),
            ...(held.agents.edit === null ? {} : { [pick('edit', 'implement')]: held.agents.edit }),
          },
        }),
    ...(held.pool === null ? {} : { runner: pick<unknown>(held.pool, { pool: held.pool, requires: [] }) }),
    ...(held.deny.length === 0 ? {} : { commands: { deny: many(pick(held.deny, held.deny.toReversed())) } }),
  }
  const turned = Object.fromEntries(pick(Object.entries(doc), Object.entries(doc).toReversed()))
  const text = coin()
    ? JSON.stringify(turned)
    : coin()
      ? stringify(turned, { aliasDuplicateObjects: true })
      : stringify(turned, { defaultStringType: 'QUOTE_DOUBLE', collectionStyle: pick('flow', 'block') as 'flow' })
  return coin() ? `# a comment\n${text}\n# another` : text
}

const tape = fc.array(fc.boolean(), { minLength: 60, maxLength: 60 })
const digest = (source: string): string => {
  const result = compileWorkflow(source)
  if (!result.ok)
    throw new Error(
      `${source}\n${result.errors.map((error) => `${error.line}:${error.column} ${error.message}`).join('\n')}`,
    )
  return result.digest
}

describe('the digest', () => {
  test('is the same for every spelling of one meaning', () => {
    fc.assert(
      fc.property(
        meaning,
        tape,
        tape,
        (held, a, b) => void expect(digest(spell(held, a))).toBe(digest(spell(held, b))),
      ),
      { numRuns: 300 },
    )
  })

  test('is another one for another meaning', () => {
    // Keys of the meaning that show in this workflow: an expiry needs a gate, a title an action, and so on.
    const visible = (held: Meaning): unknown => ({
      ...held,
      gates: held.gates.plan || held.gates.change ? held.gates : { plan: false, change: false },
      draft: held.actions.includes('git.open_change') ? held.draft : null,
      team: held.team,
      repos: held.repos.map((repo, at) => (at === 0 ? repo : { ...repo, write: null })),
      deny: held.deny.toSorted(),
    })
    fc.assert(
      fc.property(
        meaning,
        meaning,
        fc.constantFrom<keyof Meaning>(
          'name',
          'team',
          'event',
          'teams',
          'repos',
          'context',
          'gates',
          'checks',
          'actions',
          'draft',
          'usd',
          'seconds',
          'tokens',
          'agents',
          'pool',
          'deny',
        ),
        tape,
        (a, other, key, coins) => {
          const b = { ...a, [key]: other[key] }
          expect(digest(spell(a, coins)) === digest(spell(b, coins))).toBe(
            JSON.stringify(visible(a)) === JSON.stringify(visible(b)),
          )
        },
      ),
      { numRuns: 800 },
    )
  })

  test('is fixed for the file of the landing page, so that a change of the language is seen; another implementation of RFC 8785 agrees', () => {
    expect(digest(landingPage)).toBe('4fe338b3df9cf9971bc53f0a930a4999b8016f717af2114f82f744536a5da28f')
    expect(
      createHash('sha256')
        .update(canonicalize(compiled(landingPage))!)
        .digest('hex'),
    ).toBe(digest(landingPage))
  })
})
