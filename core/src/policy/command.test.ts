import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import fc from 'fast-check'
import { decideCommand, type CommandRules } from './command.ts'
import { allowRefusal, patternFits, patternRefusal } from './command-pattern.ts'
import { recordedCommands } from './testing/recorded-commands.ts'
import { everydayCommands, usualRules, type CommandClass } from './testing/everyday-commands.ts'
import { hiddenCommands } from './testing/hidden-commands.ts'
import { moreThanReading } from './testing/more-than-reading.ts'

const none: CommandRules = { allow: [], ask: [], deny: [] }
const sandboxed = { sandboxed: true }
const decide = (command: string | string[], rules: Partial<CommandRules> = {}) =>
  decideCommand(command, { ...none, ...rules }, sandboxed)

const readOnly = [
  'pwd',
  'true',
  'ls',
  'ls -la',
  'ls src',
  'ls -l src/a.ts',
  'cat README.md',
  'cat ./src/a.ts',
  'head -n 20 src/a.ts',
  'head -20 a',
  'tail -c100 log.txt',
  'wc -l a b',
  'grep -n word src/a.ts',
  'git rev-parse HEAD',
  'git branch --show-current',
  'git --version',
  'basename a/b',
]

describe('hidden commands', () => {
  const wide: CommandRules = {
    allow: [
      'ls *',
      'echo *',
      'cat *',
      'npm run test',
      'git status',
      'git fetch *',
      'true',
      'make build',
      'node --version',
    ],
    ask: [],
    deny: [],
  }
  test.each(hiddenCommands)('%s %j is never run unasked', (_id, command) => {
    for (const rules of [none, wide]) {
      expect(decideCommand(command, rules, sandboxed).decision).not.toBe('allow')
      expect(decideCommand(['sh', '-c', command], rules, sandboxed).decision).not.toBe('allow')
      expect(decideCommand(['bash', '-lc', command], rules, sandboxed).decision).not.toBe('allow')
      expect(decideCommand([command], rules, sandboxed).decision).not.toBe('allow')
      expect(decideCommand(`ls; ${command}`, rules, sandboxed).decision).not.toBe('allow')
    }
  })
  test('the table is whole', () =>
    expect(hiddenCommands.map(([id]) => id)).toEqual(
      Array.from({ length: 80 }, (_, i) => `E${String(i + 1).padStart(2, '0')}`),
    ))

  // What a generous reading can see, a deny rule stops outright; the rest is asked, because the wall is elsewhere.
  test('a deny rule on git push stops every spelling that shows the words', () => {
    const denied = hiddenCommands
      .filter(([, command]) => decide(command, { deny: ['git push *'] }).decision === 'deny')
      .map(([id]) => id)
    for (const id of [
      'E01',
      'E03',
      'E04',
      'E05',
      'E08',
      'E09',
      'E10',
      'E11',
      'E13',
      'E14',
      'E15',
      'E16',
      'E17',
      'E18',
      'E21',
      'E22',
      'E23',
      'E33',
      'E34',
      'E35',
      'E36',
      'E37',
      'E38',
      'E39',
      'E40',
      'E41',
      'E42',
      'E43',
      'E58',
      'E59',
      'E60',
      'E61',
      'E63',
      'E70',
      'E78',
      'E79',
      'E80',
    ])
      expect(denied).toContain(id)
  })
})

describe('the read-only list', () => {
  test.each(readOnly)('%s needs no question in a sandbox', (command) => {
    expect(decide(command)).toMatchObject({ decision: 'allow' })
    expect(decide(command.split(' '))).toMatchObject({ decision: 'allow' })
    expect(decideCommand(command, none, { sandboxed: false })).toMatchObject({
      decision: 'ask',
      why: 'no sandbox holds the agent',
    })
  })
  test.each([
    'git status',
    'git diff',
    'git log',
    'cat /etc/passwd',
    'cat ../x',
    'cat .env',
    'cat a/.git/config',
    'ls ~',
    'ls /',
    'tail -f x',
    'grep -r x .',
    'grep -f x y',
    'cat a>b',
    'ls *',
    'ls $HOME',
    'npm test',
    'node x.js',
    'LS',
    'cat a//b',
    'date',
    'echo x > y',
    'head --help',
    'ls -la; id',
    'cat\ta',
    '',
    ' ',
    'a'.repeat(5_000),
  ])('%s is asked', (command) => expect(decide(command)).toMatchObject({ decision: 'ask' }))
})

describe('what reads and more', () => {
  const wide = { ...none, allow: ['npm test *', 'make build'] }
  test.each(moreThanReading)('%s is asked', (command) => {
    expect(decide(command).decision).toBe('ask')
    expect(decideCommand(command, wide, sandboxed).decision).toBe('ask')
    expect(decide(`ls && ${command}`).decision).toBe('ask')
    expect(decide(`cat a | ${command}`).decision).toBe('ask')
  })
})

describe('everyday commands', () => {
  const classes = [...new Set(everydayCommands.map(([of]) => of))]
  const rate = (rules: CommandRules, boxed: boolean): Record<CommandClass | 'all', string> => {
    const asked = ([, command]: (typeof everydayCommands)[number]): boolean =>
      decideCommand(command, rules, { sandboxed: boxed }).decision !== 'allow'
    const of = (list: typeof everydayCommands): string => `${list.filter(asked).length} of ${list.length}`
    return Object.fromEntries([
      ...classes.map((one) => [one, of(everydayCommands.filter(([kind]) => kind === one))]),
      ['all', of(everydayCommands)],
    ]) as Record<CommandClass | 'all', string>
  }
  test('are asked about so often', () => {
    expect({
      sandbox: rate(none, true),
      'sandbox, usual rules': rate(usualRules, true),
      'no wall': rate(none, false),
      'no wall, usual rules': rate(usualRules, false),
    }).toMatchInlineSnapshot(`
      {
        "no wall": {
          "all": "196 of 196",
          "build": "22 of 22",
          "git read": "22 of 22",
          "git write": "12 of 12",
          "network": "4 of 4",
          "other": "17 of 17",
          "package": "11 of 11",
          "read": "50 of 50",
          "search": "31 of 31",
          "test": "27 of 27",
        },
        "no wall, usual rules": {
          "all": "139 of 196",
          "build": "6 of 22",
          "git read": "8 of 22",
          "git write": "7 of 12",
          "network": "4 of 4",
          "other": "17 of 17",
          "package": "10 of 11",
          "read": "50 of 50",
          "search": "31 of 31",
          "test": "6 of 27",
        },
        "sandbox": {
          "all": "128 of 196",
          "build": "22 of 22",
          "git read": "18 of 22",
          "git write": "12 of 12",
          "network": "4 of 4",
          "other": "17 of 17",
          "package": "11 of 11",
          "read": "10 of 50",
          "search": "7 of 31",
          "test": "27 of 27",
        },
        "sandbox, usual rules": {
          "all": "66 of 196",
          "build": "5 of 22",
          "git read": "3 of 22",
          "git write": "7 of 12",
          "network": "4 of 4",
          "other": "17 of 17",
          "package": "10 of 11",
          "read": "10 of 50",
          "search": "7 of 31",
          "test": "3 of 27",
        },
      }
    `)
  })
  const recordedRate = (rules: CommandRules, boxed: boolean): string => {
    const asked = recordedCommands.filter(
      ([, command]) => decideCommand(command, rules, { sandboxed: boxed }).decision !== 'allow',
    )
    return `${asked.length} of ${recordedCommands.length}`
  }
  test('as docs/security.md says', () => {
    const page = readFileSync(new URL('../../../docs/security.md', import.meta.url), 'utf8')
    const section = page.slice(page.indexOf('## How often is asked'), page.indexOf('## The web app'))
    const reading = everydayCommands.filter(([of]) => of === 'read' || of === 'search')
    const boxed = rate(none, true)
    const askedOfReading = Number.parseInt(boxed.read, 10) + Number.parseInt(boxed.search, 10)
    for (const said of [
      `on ${everydayCommands.length} everyday commands`,
      `| in a sandbox | ${boxed.all} asked: ${askedOfReading} of ${reading.length} that read and search`,
      `| ${rate(usualRules, true).all} |`,
      `| without a wall | ${rate(none, false).all} | ${rate(usualRules, false).all} |`,
      `| recorded, in a sandbox | ${recordedRate(none, true)} | ${recordedRate(usualRules, true)} |`,
      `| recorded, without a wall | ${recordedRate(none, false)} | ${recordedRate(usualRules, false)} |`,
    ])
      expect(section).toContain(said)
  })
  test('no command that pushes, installs, reaches out or runs code is among those that run unasked without a rule', () => {
    const free = everydayCommands.filter(([, command]) => decide(command).decision === 'allow')
    expect([...new Set(free.map(([of]) => of))].toSorted()).toEqual(['git read', 'read', 'search'])
  })
  test('the list is long, and says nothing twice', () => {
    expect(everydayCommands.length).toBeGreaterThanOrEqual(150)
    expect(new Set(everydayCommands.map(([, command]) => command)).size).toBe(everydayCommands.length)
  })
})

describe('rules', () => {
  test.each([
    ['git push *', 'git push', true],
    ['git push *', 'git push origin main', true],
    ['git push', 'git push origin', false],
    ['git push *', 'git pull', false],
    ['npm run *', 'npm run', true],
    ['npm * test', 'npm run test', true],
    ['npm * test', 'npm run a test', false],
    ['kubectl-*', 'kubectl-foo', true],
    ['*', 'anything at all', true],
    ['terraform *', 'terraform', true],
    ['a*b', 'axxb', true],
    ['a', 'A', false],
  ])('%s on %s: %s', (pattern, command, fits) => expect(patternFits(pattern, command.split(' '))).toBe(fits))

  test.each(['', ' x', 'a  b', 'a\tb', 'a;b', 'a | b', '$(x)', 'a "b"', 'x'.repeat(400), 'гit push'])(
    '%s is no rule',
    (pattern) => expect(patternRefusal(pattern)).not.toBeNull(),
  )
  test.each([
    '*',
    '* push',
    'env *',
    'bash *',
    'sudo npm *',
    'find *',
    'python3 *',
    'python3 -c *',
    'node -e *',
    'git *',
    'npm *',
    'make *',
    '/usr/bin/git fetch *',
    '../x',
    './a/../b',
  ])('%s cannot be allowed', (pattern) => expect(allowRefusal(pattern)).not.toBeNull())
  test.each([
    'npm test',
    'npm run *',
    'git fetch *',
    'python3 -m pytest *',
    'make test',
    './gradlew test *',
    'composer test',
  ])('%s can be allowed', (pattern) => expect(allowRefusal(pattern)).toBeNull())

  test.each<[string | string[], Partial<CommandRules>, string]>([
    ['npm test', { allow: ['npm test'] }, 'allow'],
    ['npm test -- --watch', { allow: ['npm test'] }, 'ask'],
    ['npm test', { allow: ['npm test'], deny: ['npm *'] }, 'deny'],
    ['npm test', { allow: ['npm test'], ask: ['npm *'] }, 'ask'],
    ['ls', { ask: ['ls *'] }, 'ask'],
    ['ls', { deny: ['*'] }, 'deny'],
    ['npm test && rm -rf x', { allow: ['npm test', 'npm test *'] }, 'ask'],
    ['npm test "a b"', { allow: ['npm test *'] }, 'allow'], // a whole word in quotes is one argument
    ['npm test a"b"', { allow: ['npm test *'] }, 'ask'],
    ['npm test "$x"', { allow: ['npm test *'] }, 'ask'],
    ['npm test "npm" && npm run lint 2>&1 | tail -20', { allow: ['npm test *', 'npm run *'] }, 'allow'],
    ['npm test && make', { allow: ['npm test *'] }, 'ask'],
    ['npm test | make', { allow: ['npm test *'] }, 'ask'],
    ['cd src && npm test', { allow: ['npm test *'] }, 'ask'], // a rule is about the folder in which it was written
    ['"npm" test', { allow: ['npm test *'] }, 'ask'],
    ['npm test && terraform apply', { allow: ['npm *', 'terraform *'], deny: ['terraform *'] }, 'deny'],
    [['npm', 'test', 'a b'], { allow: ['npm test *'] }, 'allow'], // an argv reaches the program as it is
    [['npm', 'test', 'a\nb'], { allow: ['npm test *'] }, 'ask'],
    [['npm', 'test', ''], { allow: ['npm test *'] }, 'ask'],
    ['FOO=1 npm test', { allow: ['npm test'] }, 'ask'],
    ['env npm test', { allow: ['env *'] }, 'ask'], // such a rule allows nothing
    ['grep terraform notes.md', { deny: ['terraform *'] }, 'ask'], // only mentioned
    ['env terraform apply', { deny: ['terraform *'] }, 'deny'],
    ['TERRAFORM apply', { deny: ['terraform *'] }, 'deny'],
    ['ls', { deny: ['a;b'] }, 'ask'], // a deny rule that cannot be read might have meant it
    ['ls', { ask: ['a;b'] }, 'ask'],
    ['ls', { allow: ['a;b'] }, 'allow'],
    ['git -C x push', { deny: ['git push *'] }, 'deny'],
    ['eval ls', { allow: ['eval ls'] }, 'ask'],
    ['git \\\npush origin', { deny: ['git push *'] }, 'deny'], // a line that goes on
    ['cd /', { allow: ['cd *'] }, 'ask'],
  ])('%j with %j: %s', (command, rules, decision) => expect(decide(command, rules).decision).toBe(decision))

  test.each([
    ['A=1 ls', 'it begins with an assignment'],
    ['/bin/ls', 'it names its program by a path outside the working directory'],
    ['if true', '`if` is a word of the shell'],
    ['ls a\u202eb', 'it holds a hidden character (U+202E)'],
    ['ls $x', '`$x` holds characters that a shell reads'],
  ])('%j is asked because %s', (command, why) => expect(decide(command)).toMatchObject({ decision: 'ask', why }))

  test('the trace says which rules held, and what each found', () => {
    const { trace, ...said } = decide('npm test', { allow: ['npm test'], deny: ['git push *'] })
    expect(said).toEqual({ decision: 'allow', why: 'the rule `npm test` allows it', rule: 'npm test' })
    expect(trace.filter((one) => one.held)).toEqual([
      { rule: 'allow rules', effect: 'allow', held: true, found: '`npm test`' },
    ])
    const asked = decide('git push origin x; ls', { ask: ['git push *'], allow: ['git push origin x'] })
    expect(asked).toMatchObject({ decision: 'ask', rule: null, why: '`x;` holds characters that a shell reads' })
    expect(asked.trace.map(({ effect, held, found }) => `${effect} ${held} ${found}`)).toEqual([
      'deny false null',
      'ask false null',
      'ask false null',
      'ask true `x;` holds characters that a shell reads',
      'ask true `git push *`',
      'allow false null',
      'allow false null',
      'ask true `git push` is not on the read-only list',
      'ask false null',
    ])
  })
})

describe('properties', () => {
  const rank = { allow: 2, ask: 1, deny: 0 } as const
  const seeds = fc.oneof(
    fc.constantFrom(...hiddenCommands.map(([, command]) => command)),
    fc.constantFrom(...readOnly, 'npm test', 'npm run build', 'git fetch origin'),
    fc.constantFrom(...everydayCommands.map(([, command]) => command)),
    fc.constantFrom(...moreThanReading),
  )
  const pieces = [
    ';',
    '&',
    '|',
    '\n',
    '\r',
    '`',
    '$(',
    ')',
    '$x',
    '"',
    "'",
    '\\',
    '>',
    '<',
    '*',
    '?',
    '[',
    ']',
    '{',
    '}',
    '~',
    '#',
    '!',
    '\u0000',
    '\u202e',
    '\u200b',
    '\u00a0',
    '\ud800',
    '=',
    ' ',
    'sh',
    '-c',
    'git',
    'push',
    '/',
    '..',
    '\t',
    '\u0456',
    '%',
    '^',
    'A=1 ',
    '\u{e0041}',
  ]
  const mutated = fc
    .tuple(seeds, fc.array(fc.tuple(fc.nat(60), fc.constantFrom(...pieces), fc.boolean()), { maxLength: 6 }))
    .map(([seed, edits]) =>
      edits.reduce((text, [at, piece, cut]) => text.slice(0, at) + piece + text.slice(at + (cut ? 1 : 0)), seed),
    )
  const pattern = fc.constantFrom(
    'git push *',
    'ls *',
    'npm test',
    '*',
    'cat *',
    'npm *',
    'git fetch *',
    'env *',
    'a;b',
    'pwd',
    'grep *',
    'git *',
  )
  const rules = fc.record({
    allow: fc.array(pattern, { maxLength: 3 }),
    ask: fc.array(pattern, { maxLength: 2 }),
    deny: fc.array(pattern, { maxLength: 2 }),
  })

  test('10,000 mutations never crash, and what is allowed is plain words only', () => {
    let allowed = 0
    fc.assert(
      fc.property(mutated, rules, fc.boolean(), (command, held, boxed) => {
        const said = decideCommand(command, held, { sandboxed: boxed })
        const effects = said.trace.filter((one) => one.held).map((one) => one.effect)
        expect(effects).toContain(said.decision)
        expect(effects.every((effect) => rank[effect] >= rank[said.decision])).toBe(true)
        if (said.decision !== 'allow') return
        allowed++
        // Nothing that a shell acts on but `|`, `&&` and the two known redirections stands outside of quotes; inside, nothing it replaces.
        expect(command).toMatch(/^[\x20-\x7e]*$/)
        const outside = command.replace(/(?<= )('[^'\\]*'|"[^"\\$`!]*")(?= |$)/g, 'Q')
        expect(outside).toMatch(
          /^ *[A-Za-z0-9.][A-Za-z0-9_./+-]*( +([A-Za-z0-9_./:@+,-][A-Za-z0-9_./:=@%+,-]*|\||&&|2>&1|2>\/dev\/null))* *$/,
        )
        expect(boxed || said.rule !== null).toBe(true)
      }),
      { numRuns: 10_000 },
    )
    expect(allowed).toBeGreaterThan(100) // the property is not empty
  })

  test('adding a deny or an ask rule, or taking the sandbox away, never allows more', () => {
    fc.assert(
      fc.property(mutated, rules, pattern, (command, held, more) => {
        const before = rank[decideCommand(command, held, sandboxed).decision]
        expect(
          rank[decideCommand(command, { ...held, deny: [...held.deny, more] }, sandboxed).decision],
        ).toBeLessThanOrEqual(before)
        expect(
          rank[decideCommand(command, { ...held, ask: [...held.ask, more] }, sandboxed).decision],
        ).toBeLessThanOrEqual(before)
        expect(rank[decideCommand(command, held, { sandboxed: false }).decision]).toBeLessThanOrEqual(before)
        const turned = { allow: held.allow.toReversed(), ask: held.ask.toReversed(), deny: held.deny.toReversed() }
        expect(rank[decideCommand(command, turned, sandboxed).decision]).toBe(before)
      }),
      { numRuns: 3_000 },
    )
  })

  test('any argv at all is decided', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'binary' }), { maxLength: 6 }),
        rules,
        (argv, held) => void decideCommand(argv, held, sandboxed),
      ),
      { numRuns: 3_000 },
    )
  })
})
