import { expect, test } from 'vitest'
import { branchCommands } from './branch-commands.ts'

const change = { ref: 'refs/heads/vp/fix-1', into: 'main' }

test('in a folder they work where it is, on a remote in any clone', () => {
  expect(branchCommands({ ...change, url: 'file:///home/jess/my%20shop' })).toEqual({
    look: `git -C '/home/jess/my shop' diff main...vp/fix-1`,
    merge: `git -C '/home/jess/my shop' merge vp/fix-1`,
    throwAway: `git -C '/home/jess/my shop' branch -D vp/fix-1`,
  })
  expect(branchCommands({ ...change, url: 'https://git.acme.dev/acme/api.git', into: 'refs/heads/dev' })).toEqual({
    look: 'git fetch https://git.acme.dev/acme/api.git vp/fix-1 && git diff dev...FETCH_HEAD',
    merge: 'git fetch https://git.acme.dev/acme/api.git vp/fix-1 && git merge FETCH_HEAD',
    throwAway: 'git push https://git.acme.dev/acme/api.git --delete vp/fix-1',
  })
})

test('no name gets out of its word', () => {
  const { look } = branchCommands({ url: "file:///a/$(id)';x", ref: 'refs/heads/vp/`id`', into: 'a;b' })
  expect(look).toBe(`git -C '/a/$(id)'\\'';x' diff 'a;b'...'vp/\`id\`'`)
})
