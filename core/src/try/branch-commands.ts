/** How does a person look at the branch of an approved change, merge it, or throw it away? Commands for a shell, on a folder or on a remote. */

export type BranchCommands = { readonly look: string; readonly merge: string; readonly throwAway: string }

/** `url`: of the repository, as the workspace has it. `ref`: the whole name of the branch; `into`: the name of the one that it was made from. */
export const branchCommands = ({
  url,
  ref,
  into,
}: {
  readonly url: string
  readonly ref: string
  readonly into: string
}): BranchCommands => {
  const [name, base] = [ref, into].map((one) => one.replace(/^refs\/heads\//, ''))
  const folder = folderOf(url)
  if (folder !== null) {
    const git = `git -C ${quote(folder)}`
    return {
      look: `${git} diff ${quote(base!)}...${quote(name!)}`,
      merge: `${git} merge ${quote(name!)}`,
      throwAway: `${git} branch -D ${quote(name!)}`,
    }
  }
  const fetch = `git fetch ${quote(url)} ${quote(name!)}`
  return {
    look: `${fetch} && git diff ${quote(base!)}...FETCH_HEAD`,
    merge: `${fetch} && git merge FETCH_HEAD`,
    throwAway: `git push ${quote(url)} --delete ${quote(name!)}`,
  }
}

/** The folder that a file address names; null: it is a remote. */
const folderOf = (url: string): string | null => {
  const path = /^file:\/\/(\/.*)$/.exec(url)?.[1]
  return path === undefined ? null : decodeURIComponent(path)
}

/** As a shell takes it for one word. */
const quote = (text: string): string =>
  /^[A-Za-z0-9_./:=,+-]+$/.test(text) ? text : `'${text.replaceAll("'", String.raw`'\''`)}'`
