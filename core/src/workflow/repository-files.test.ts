import { expect, test } from 'vitest'
import { readChecksFile, readContextFile } from './repository-files.ts'

test('names with their paths', () =>
  expect(
    readContextFile(
      'payments.domain-rules: docs/domain/**/*.md\ncheckout.runbook: [runbooks/checkout.md, runbooks/retry.md]\nrisk: { paths: risk/**, owner: security, max: 5, pin: true }',
    ),
  ).toEqual({
    ok: true,
    names: new Map([
      ['payments.domain-rules', { paths: ['docs/domain/**/*.md'], owner: null, max: null, pin: false }],
      [
        'checkout.runbook',
        { paths: ['runbooks/checkout.md', 'runbooks/retry.md'], owner: null, max: null, pin: false },
      ],
      ['risk', { paths: ['risk/**'], owner: 'security', max: 5, pin: true }],
    ]),
  }))

test('an empty context file names nothing', () =>
  expect(readContextFile('# nothing yet\n')).toEqual({ ok: true, names: new Map() }))

test.each([
  ['npm test', ['npm test']],
  ['- npm ci\n- npm test\n', ['npm ci', 'npm test']],
  ['checks: [make]', ['make']],
  ['[]', []],
])('checks %j', (source, commands) => expect(readChecksFile(source)).toEqual({ ok: true, commands }))

const lines = (read: ReturnType<typeof readContextFile> | ReturnType<typeof readChecksFile>) =>
  read.ok ? [] : read.errors.map((error) => `${error.file}:${error.line}:${error.column} ${error.message}`)

test('errors are placed as in a workflow', () => {
  expect(lines(readContextFile('a: /etc/passwd\nB: x\nc: { path: ../x }\na: y'))).toEqual([
    '.viewport/context.yaml:1:4 `/etc/passwd` is not a path or glob inside the repository, such as src/**.',
    '.viewport/context.yaml:2:1 `B` is not the name of a context, such as payments.domain-rules.',
    '.viewport/context.yaml:3:6 `path` is not a key of a context. Nearest: paths.',
    '.viewport/context.yaml:4:1 `a` stands here twice; the first is on line 1.',
  ])
  expect(lines(readChecksFile(''))).toEqual([
    '.viewport/checks.yaml:1:1 Nothing stands here; expected commands, or checks: [commands].',
  ])
  expect(lines(readChecksFile('check: npm test'))).toEqual([
    '.viewport/checks.yaml:1:1 `check` is not a key of the checks. Nearest: checks.',
  ])
  expect(lines(readChecksFile('- 5'))).toEqual([
    '.viewport/checks.yaml:1:3 the number 5 is not a command, such as npm test.',
  ])
})
