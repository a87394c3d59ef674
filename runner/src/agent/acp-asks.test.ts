/** Is what is decided about the whole command that an agent of the protocol wants to run? */
import { expect, test } from 'vitest'
import { detectHolding } from '../process/isolation.ts'
import { heldWall } from '../walls/held.ts'
import { acpVerdict } from './acp-asks.ts'

const wall = heldWall(await detectHolding())
const told = (rawInput: unknown, titleIsCommand = false, folders: unknown[] = []): unknown => {
  const asked: unknown[] = []
  const decide = (command: readonly string[] | string, cwd?: string) => {
    asked.push(command)
    folders.push(cwd)
    return { decision: 'allow', why: 'a test' } as const
  }
  const task = { mode: 'edit', cwd: '/', folder: '/', env: {}, wall } as const
  const call = { toolCallId: '1', title: 'ls', kind: 'execute', rawInput } as const
  const { say } = acpVerdict({ titleIsCommand }, task, decide, call)
  return say === 'allow' ? asked : say
}

test.each<[unknown, unknown]>([
  [{ command: 'npm test' }, ['npm test']],
  [{ command: ['npm', 'test'] }, [['npm', 'test']]],
  [{ command: 'npm', args: ['publish'] }, [['npm', 'publish']]],
  [{ command: ['sh'], args: ['-c', 'x'] }, [['sh', '-c', 'x']]],
  [{ command: 'npm', args: [] }, ['npm']],
  [{ command: 'npm', args: null }, ['npm']],
  [{ command: 'npm', args: 'publish' }, 'deny'],
  [{ command: 'npm', args: ['publish', 1] }, 'deny'],
  [{ command: ['npm', 1] }, 'deny'],
  [{}, 'deny'],
  [null, 'deny'],
])('%j is decided about as %j', (rawInput, expected) => {
  expect(told(rawInput)).toEqual(expected)
})

test('where the title is the command it is decided about, if nothing else says which it is', () => {
  expect(told(undefined, true)).toEqual(['ls'])
  expect(told({ command: 'npm', args: ['publish'] }, true)).toEqual([['npm', 'publish']])
})

test.each(['cwd', 'workdir', 'directory', 'dir_path'])(
  'the folder that it names as %s is part of what is asked',
  (key) => {
    const folders: unknown[] = []
    told({ command: 'npm publish', [key]: 'sub' }, false, folders)
    told({ command: 'npm publish' }, false, folders)
    expect(folders).toEqual(['sub', '.'])
  },
)
