/**
 * Which branch does a build system mean by what it calls one: a name, a ref, a remote's branch, or the number of a pull request?
 * A reading of the text alone. It never knows whose pull request a number is.
 */

/** `branch`: its short name. `pull`: a pull request (`#`) or merge request (`!`) of this number, whose branch the text does not say. */
export type BranchTold =
  | { readonly branch: string; readonly pull: null }
  | { readonly branch: null; readonly pull: { readonly mark: '#' | '!'; readonly number: number } }

const number = '([1-9]\\d{0,9})'
/**
 * What builds of a pull request are called where they are not called by its branch. GitHub Actions: `7/merge`, and in its merge queue
 * `gh-readonly-queue/main/pr-7-COMMIT`; CircleCI: `pull/7`; Azure Pipelines: `refs/pull/7/merge`; GitLab: `refs/merge-requests/7/head`;
 * Jenkins: `PR-7`, `MR-7`.
 */
const pulls: readonly (readonly ['#' | '!', RegExp])[] = [
  ['#', new RegExp(`^(?:refs/)?(?:remotes/)?(?:pull/)?${number}/(?:merge|head)$`)],
  ['#', new RegExp(`^(?:refs/)?pull/${number}$`)],
  ['#', new RegExp(`^(?:refs/heads/)?gh-readonly-queue/.+/pr-${number}-[0-9a-f]{40}$`)],
  ['!', new RegExp(`^(?:refs/)?merge-requests/${number}(?:/(?:head|merge|train))?$`)],
  ['#', new RegExp(`^PR-${number}(?:-head|-merge)?$`)],
  ['!', new RegExp(`^MR-${number}(?:-head|-merge)?$`)],
]

/** Reads `refs/heads/main`, `refs/remotes/origin/main` and `origin/main` (as Jenkins says) as `main`. */
export const branchTold = (text: string): BranchTold => {
  for (const [mark, form] of pulls) {
    const found = form.exec(text)?.[1]
    if (found !== undefined) return { branch: null, pull: { mark, number: Number(found) } }
  }
  const branch = text.replace(/^refs\/heads\//, '').replace(/^(?:refs\/remotes\/|remotes\/)?origin\/(?=.)/, '')
  return { branch, pull: null }
}
