// Many workflows are held against an event at once, and share what they ask. Each must be answered as if it were alone, and nobody had hurried.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { trustLevels, type TriggerEvent } from '../event/trigger-event.ts'
import type { Compiled, Condition, Trigger } from '../workflow/compiled.ts'
import { compiled } from '../workflow/testing/examples.ts'
import { matchPrepared, prepareWorkflows, type WorkflowEntry } from './match.ts'
import { plainMatch } from './testing/plain-match.ts'

// Few values, so that they meet: equal, alike to the eye, in part, and such as no reader made.
const text = fc.constantFrom(
  'Bug',
  'Bug',
  'Bug',
  'bug',
  'bug',
  'BUG',
  '#bug',
  'bu\u0433',
  'Bug fix',
  'src/a.ts',
  'b',
  '',
  ' ',
  'a, b',
  'x\u202ey',
  'Zoe\u0301',
  'Zo\u00e9',
)
const number = fc.constantFrom(0, 7, -1, 7.5)
const leaf: fc.Arbitrary<unknown> = fc.oneof(
  { arbitrary: fc.record({ is: fc.array(text, { minLength: 1, maxLength: 2 }) }), weight: 7 },
  fc.record({ is: fc.array(fc.oneof(text, number, fc.boolean()), { maxLength: 3 }) }),
  fc.record({ prefix: text }),
  fc.record({ contains: text }),
  fc.record({ glob: fc.constantFrom('*', 'src/*.ts', '**', 'b?g', 'Bug*') }),
  fc.record({ exists: fc.boolean() }),
  fc.record({ gt: number }),
  fc.record({ lt: number }),
)
// What another version stored, or nobody ever wrote.
const odd: fc.Arbitrary<unknown> = fc.constantFrom(
  {},
  { is: 'bug' },
  { is: [] },
  { like: 'b' },
  { prefix: 7 },
  { gt: Number.NaN },
  { lt: '7' },
  { exists: 1 },
  { is: ['bug'], prefix: 'b' },
  { not: null },
  { not: { not: { not: { not: { not: { exists: true } } } } } },
)
const condition = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 5 },
    { arbitrary: leaf, weight: 6 },
    { arbitrary: odd, weight: 1 },
    { arbitrary: fc.record({ not: tie('any') }), weight: 2 },
  ),
})).any as fc.Arbitrary<Condition>
// Mostly near misses: that is where much is said, and most is shared.
const fields = ['title', 'title', 'title', 'labels', 'labels', 'number', 'state', 'team', 'nothing-like-it']
const trigger: fc.Arbitrary<Trigger> = fc.record({
  tool: fc.constantFrom('linear', 'linear', 'linear', 'github'),
  event: fc.constantFrom('issue_assigned', 'issue_assigned', 'issue_created', 'never_heard_of'),
  where: fc.dictionary(fc.constantFrom(...fields), condition, { maxKeys: 3, noNullPrototype: true }),
  startedBy: fc.subarray(['members', 'team:payments', 'user:sam', 'collaborators', 'anyone', 'bots:x:1', 'source'], {
    minLength: 1,
  }),
  ownEvents: fc.boolean(),
  inputs: fc.constant({}),
})
const base = {
  writes: compiled('name: w\ntrigger: manual\nrepos: acme/api\n'),
  reads: compiled(
    'name: r\ntrigger: manual\nrepos: { acme/api: { access: read } }\nsteps: [{ id: look, mode: plan, prompt: Look }]\n',
  ),
}
const workflows: fc.Arbitrary<WorkflowEntry[]> = fc
  .array(
    fc.record({
      name: fc.constantFrom('a', 'b', 'c'),
      enabled: fc.constantFrom(true, true, true, false),
      kind: fc.constantFrom('writes', 'reads'),
      triggers: fc.array(trigger, { minLength: 1, maxLength: 4 }),
      copies: fc.integer({ min: 1, max: 3 }),
    }),
    { maxLength: 8 },
  )
  .map((all) =>
    all.flatMap(({ name, enabled, kind, triggers, copies }, at) =>
      Array.from({ length: copies }, (_, copy) => ({
        id: `wf_${at}_${copy}`,
        name,
        version: at + 1,
        enabled,
        compiled: { ...base[kind as keyof typeof base], triggers } satisfies Compiled,
      })),
    ),
  )
const value = fc.oneof(
  { arbitrary: text, weight: 5 },
  number,
  fc.boolean(),
  fc.constant(null),
  fc.array(fc.oneof(text, number), { maxLength: 3 }),
  fc.constant('long '.repeat(90)),
)
const event: fc.Arbitrary<TriggerEvent> = fc.record({
  tool: fc.constantFrom('linear', 'linear', 'linear', 'github'),
  event: fc.constantFrom('issue_assigned', 'issue_assigned', 'issue_created', 'never_heard_of'),
  id: fc.constant('x'),
  at: fc.constant(1),
  actor: fc.record({
    id: fc.constantFrom('x:1', 'x:2'),
    name: fc.constantFrom('Sam', 'S\u202eam'),
    trust: fc.constantFrom(...trustLevels, 'member', 'member', 'member', 'member', 'member'),
    person: fc.constantFrom(null, 'usr_sam', 'usr_eve'),
    teams: fc.subarray(['payments']),
  }),
  subject: fc.constant({ label: 'PAY-1', title: 'Prices', url: null }),
  fields: fc.dictionary(fc.constantFrom(...fields), value, { noNullPrototype: true }),
  text: fc.constant(''),
  outsideText: fc.boolean(),
})

test(
  'whatever workflows and events there are, each answer is what it is for one that is looked at alone',
  { timeout: 30_000 },
  () => {
    const seen = { starts: 0, near_miss: 0, no: 0, hints: 0 }
    fc.assert(
      fc.property(
        workflows,
        fc.array(event, { minLength: 1, maxLength: 4 }),
        fc.boolean(),
        (all, events, samIsHere) => {
          const people = new Map(samIsHere ? [['sam', 'usr_sam']] : [])
          const prepared = prepareWorkflows(all)
          // One after the other and the first once more: nothing of an event may stay for the next.
          for (const one of [...events, events[0]!]) {
            const { answers, elsewhere } = matchPrepared(one, prepared, people)
            expect({ answers, elsewhere }).toEqual(plainMatch(one, all, people))
            for (const { outcome, rows } of answers) {
              seen[outcome]++
              if (outcome === 'near_miss' && rows.some(({ why }) => /^they (look|differ)|has a #/.test(why ?? '')))
                seen.hints++
            }
          }
        },
      ),
      { numRuns: 3_000 },
    )
    // It looked at something: answers of every kind were compared.
    for (const [kind, times] of Object.entries(seen)) expect([kind, times > 10]).toEqual([kind, true])
  },
)
