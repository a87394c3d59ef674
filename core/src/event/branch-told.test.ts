/** What build systems call a branch, each in its own words. */
import { expect, test } from 'vitest'
import { branchTold } from './branch-told.ts'

const queued = `gh-readonly-queue/main/pr-7-${'a'.repeat(40)}`

test.each([
  ['main', 'main'],
  ['origin/main', 'main'],
  ['origin/vp/bug-1', 'vp/bug-1'],
  ['refs/heads/vp/bug-1', 'vp/bug-1'],
  ['refs/remotes/origin/main', 'main'],
  ['remotes/origin/main', 'main'],
  ['origin/', 'origin/'],
  ['upstream/main', 'upstream/main'],
  ['7', '7'],
  ['0/merge', '0/merge'],
  ['feature/7/merge', 'feature/7/merge'],
  ['PR-x', 'PR-x'],
])('%s is the branch %s', (text, branch) => expect(branchTold(text)).toEqual({ branch, pull: null }))

test.each([
  ['7/merge', '#'],
  ['7/head', '#'],
  ['pull/7', '#'],
  ['pull/7/head', '#'],
  ['refs/pull/7/merge', '#'],
  ['refs/remotes/pull/7/merge', '#'],
  [queued, '#'],
  [`refs/heads/${queued}`, '#'],
  ['PR-7', '#'],
  ['refs/merge-requests/7/head', '!'],
  ['refs/merge-requests/7/merge', '!'],
  ['refs/merge-requests/7/train', '!'],
  ['merge-requests/7', '!'],
  ['MR-7', '!'],
])('%s is a number, and no branch', (text, mark) =>
  expect(branchTold(text)).toEqual({ branch: null, pull: { mark, number: 7 } }),
)
