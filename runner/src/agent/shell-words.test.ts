/** Is the text that a shell will read found as it is? */
import { execFileSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { commandIn, splitWords } from './shell-words.ts'

describe('a line of quoted words', () => {
  it.each([
    ['a b  c', ['a', 'b', 'c']],
    [`sh -c 'it'"'"'s'`, ['sh', '-c', "it's"]],
    [`'' ""`, ['', '']],
    ['a\\ b "c\\"d" "e\\f"', ['a b', 'c"d', 'e\\f']],
    [`x'y'"z"`, ['xyz']],
    ["'open", null],
    ['"open', null],
    ['open\\', null],
    ['', []],
  ])('%s', (line, words) => expect(splitWords(line)).toEqual(words))

  it('is split as a shell does', () => {
    for (const line of [`a 'b c' "d \\$ e" f\\'g`, `"\\a" '\\' x"y z"w`, `'a'\\''b'`])
      expect(splitWords(line)).toEqual(
        execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' })
          .split('\0')
          .slice(0, -1),
      )
  })
})

describe('the command in it', () => {
  it.each<[string, unknown]>([
    [`/bin/bash -lc 'npm test && echo "$X"'`, 'npm test && echo "$X"'],
    [`sh -c "git push"`, 'git push'],
    ['/usr/bin/zsh -lc ls', 'ls'],
    ['git push origin', ['git', 'push', 'origin']],
    // More words than a text: they may mean something, so all of them are looked at.
    [`bash -lc 'echo $0' --`, ['bash', '-lc', 'echo $0', '--']],
    [`bash -xc ls`, ['bash', '-xc', 'ls']],
    ["bash -lc 'open", "bash -lc 'open"],
  ])('%s', (line, command) => expect(commandIn(line)).toEqual(command))
})
