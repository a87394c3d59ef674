import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import type { Condition } from '../workflow/compiled.ts'
import { conditionHolds } from './condition.ts'
import { decisionOf, evaluate, type Request, type Rule } from './evaluate.ts'

describe('conditions', () => {
  test.each<[unknown, unknown, string]>([
    [{ is: ['a', 'b'] }, 'b', 'yes'],
    [{ is: ['a'] }, 'A', 'no'],
    [{ is: [5] }, '5', 'no'],
    [{ is: [5] }, 5, 'yes'],
    [{ is: ['bug'] }, ['x', 'bug'], 'yes'],
    [{ is: ['bug'] }, [], 'no'],
    [{ is: [true] }, true, 'yes'],
    [{ prefix: 'vp/' }, 'vp/x', 'yes'],
    [{ prefix: 'vp/' }, 5, 'no'],
    [{ contains: 'un' }, 'runbook', 'yes'],
    [{ contains: 'run' }, ['runbook'], 'no'],
    [{ contains: 'runbook' }, ['runbook'], 'yes'],
    [{ glob: 'release/*' }, 'release/2', 'yes'],
    [{ glob: 'release/*' }, 'release/2/x', 'no'],
    [{ exists: true }, 'x', 'yes'],
    [{ exists: true }, null, 'no'],
    [{ exists: false }, null, 'yes'],
    [{ exists: false }, [], 'yes'],
    [{ exists: true }, 0, 'yes'],
    [{ gt: 2 }, 3, 'yes'],
    [{ gt: 2 }, 2, 'no'],
    [{ gt: 2 }, '3', 'no'],
    [{ lt: 2 }, 1, 'yes'],
    [{ not: { is: ['a'] } }, 'b', 'yes'],
    [{ not: { is: ['a'] } }, 'a', 'no'],
    [{ not: { is: ['wontfix'] } }, ['bug'], 'yes'],
    [{ not: { is: ['a'] } }, null, 'yes'],
    // what is missing or cannot be read is neither yes nor no
    [{ is: ['a'] }, undefined, 'unknown'],
    [{ not: { is: ['a'] } }, undefined, 'unknown'],
    [{ exists: false }, undefined, 'unknown'],
    [{ regex: 'a' }, 'a', 'unknown'],
    [{ not: { regex: 'a' } }, 'a', 'unknown'],
    [{ is: [] }, 'a', 'unknown'],
    [{ is: 'a' }, 'a', 'unknown'],
    [{ gt: '2' }, 3, 'unknown'],
    [{}, 'a', 'unknown'],
    [{ is: ['a'], gt: 1 }, 'a', 'unknown'],
    [null, 'a', 'unknown'],
    ['a', 'a', 'unknown'],
    [{ not: { not: { not: { not: { not: { not: { is: ['a'] } } } } } } }, 'a', 'unknown'],
  ])('%j on %j: %s', (condition, value, held) =>
    expect(conditionHolds(condition as Condition, value as string)).toBe(held),
  )
})

describe('rules', () => {
  const rules: Rule[] = [
    { id: 'members push', effect: 'allow', when: { who: { is: ['member'] }, verb: { is: ['push'] } } },
    { id: 'nobody touches infra', effect: 'deny', when: { path: { prefix: 'infra/' } } },
    { id: 'protected asks', effect: 'ask', when: { protected: { is: [true] } } },
  ]
  test.each<[Request, string, string[]]>([
    [{ who: 'member', verb: 'push', path: 'src/a', protected: false }, 'allow', ['members push']],
    [{ who: 'member', verb: 'push', path: 'infra/a', protected: false }, 'deny', ['nobody touches infra']],
    [{ who: 'member', verb: 'push', path: 'src/a', protected: true }, 'ask', ['protected asks']],
    [{ who: 'outsider', verb: 'push', path: 'src/a', protected: false }, 'deny', []],
    [{ who: 'member', verb: 'push', protected: false }, 'deny', ['nobody touches infra']], // the path is not known
    [{ who: 'member', verb: 'push', path: 'src/a' }, 'ask', ['protected asks']],
    [{ who: 'outsider', verb: 'push', path: 'src/a' }, 'deny', []], // a missing attribute opens nothing
    [{}, 'deny', ['nobody touches infra']],
  ])('%j: %s', (request, decision, by) => expect(evaluate(rules, request)).toMatchObject({ decision, rules: by }))

  test('the trace says what each condition held', () =>
    expect(evaluate(rules, { who: 'member', path: 'src/a', protected: false }).trace).toEqual([
      {
        rule: 'members push',
        effect: 'allow',
        held: 'unknown',
        because: [
          { attribute: 'who', held: 'yes' },
          { attribute: 'verb', held: 'unknown' },
        ],
        counts: false,
      },
      {
        rule: 'nobody touches infra',
        effect: 'deny',
        held: 'no',
        because: [{ attribute: 'path', held: 'no' }],
        counts: false,
      },
      {
        rule: 'protected asks',
        effect: 'ask',
        held: 'no',
        because: [{ attribute: 'protected', held: 'no' }],
        counts: false,
      },
    ]))
})

describe('properties', () => {
  const rank = { allow: 2, ask: 1, deny: 0 } as const
  const value = fc.constantFrom<Request[string]>('a', 'ab', 'b/c', 1, 2, true, false, null, [], ['a', 'b'])
  const flat = fc.constantFrom<unknown>(
    { is: ['a'] },
    { is: ['a', 1, true] },
    { prefix: 'a' },
    { contains: 'b' },
    { glob: 'b/*' },
    { exists: true },
    { exists: false },
    { gt: 1 },
    { lt: 2 },
    { regex: 'x' },
    {},
    { is: [] },
  )
  const condition = fc.oneof(
    flat,
    flat.map((inner) => ({ not: inner })),
  ) as fc.Arbitrary<Condition>
  const name = fc.constantFrom('x', 'y', 'z')
  const rule = (effect: fc.Arbitrary<Rule['effect']>): fc.Arbitrary<Rule> =>
    fc.record({ id: fc.string({ maxLength: 3 }), effect, when: fc.dictionary(name, condition, { maxKeys: 3 }) })
  const rules = fc.array(rule(fc.constantFrom('allow', 'allow', 'ask', 'deny')), { maxLength: 6 })
  const request = fc.dictionary(name, value, { maxKeys: 3 })
  const often = { numRuns: 5_000 }

  test('adding a deny never allows more', () =>
    fc.assert(
      fc.property(
        rules,
        request,
        rule(fc.constant('deny')),
        (held, asked, more) => rank[evaluate([...held, more], asked).decision] <= rank[evaluate(held, asked).decision],
      ),
      often,
    ))
  test('removing an attribute never allows more', () =>
    fc.assert(
      fc.property(rules, request, name, (held, asked, gone) => {
        const { [gone]: _, ...rest } = asked
        return rank[evaluate(held, rest).decision] <= rank[evaluate(held, asked).decision]
      }),
      often,
    ))
  test('the order of rules does not matter', () =>
    fc.assert(
      fc.property(
        rules.chain((held) =>
          fc.tuple(fc.constant(held), fc.shuffledSubarray(held, { minLength: held.length, maxLength: held.length })),
        ),
        request,
        ([held, turned], asked) => {
          const { trace: _a, ...a } = evaluate(held, asked)
          const { trace: _b, ...b } = evaluate(turned, asked)
          expect(a).toEqual(b)
        },
      ),
      often,
    ))
  test('the trace alone gives the same decision again, also after JSON', () =>
    fc.assert(
      fc.property(rules, request, (held, asked) => {
        const { trace, ...decided } = evaluate(held, asked)
        expect(decisionOf(JSON.parse(JSON.stringify(trace)))).toEqual(decided)
      }),
      often,
    ))
  test('what no rule allows is denied', () =>
    fc.assert(
      fc.property(
        fc.array(rule(fc.constantFrom('ask', 'deny')), { maxLength: 4 }),
        request,
        (held, asked) => evaluate(held, asked).decision !== 'allow',
      ),
      often,
    ))
})
