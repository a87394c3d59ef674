import { expect, test } from 'vitest'
import { argvLine } from './argv-line.ts'

test('words that a blank, a quote or nothing at all would hide are told apart (E98)', () => {
  const commands = [
    ['rm', 'a b'],
    ['rm', 'a', 'b'],
    ['rm', '"a', 'b"'],
    ['rm', '"a b"'],
    ['rm', 'a', '', 'b'],
    ['rm a', 'b'],
    ['rm', 'a\nb'],
  ]
  expect(new Set(commands.map(argvLine)).size).toBe(commands.length)
  expect(argvLine(['npm', 'run', 'test:unit', '--', 'src/a.ts'])).toBe('npm run test:unit -- src/a.ts')
  expect(argvLine(['rm', 'a b'])).toBe('rm "a b"')
})
