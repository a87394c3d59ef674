/**
 * Which sections does a step get to see, and why these?
 * Read from vpd's cache at the pinned commits, never from a tree an agent wrote. Pins first, then the best ranked, inside the token budget.
 */
import { createHash } from 'node:crypto'
import type { ContextItem } from '@viewportai/core/run/facts'
import { globFits, globRefusal } from '@viewportai/core/policy/glob'
import type { ContextWish } from '@viewportai/core/workflow/compiled'
import { readContextFile, whyUnreadable, type NamedContext } from '@viewportai/core/workflow/repository-files'
import { git } from '../git/run-git.ts'
import { listTree, readBlobs } from '../git/tree-listing.ts'
import { rank } from './rank.ts'
import { sectionsOf } from './sections.ts'

/** A repository at its pinned commit, in the cache. */
export type Source = { readonly repo: string; readonly gitDir: string; readonly commit: string }
export type Resolved = {
  readonly items: readonly (ContextItem & { readonly text: string })[]
  readonly missing: readonly { readonly wish: string; readonly why: string }[]
  readonly tokens: number
}

const contextFile = '.viewport/context.yaml'
const largestFile = 1_000_000
const mostFiles = 500
const mostItems = 200

/** Tokens of a text, estimated: four bytes each. */
export const tokensOf = (text: string): number => Math.ceil(Buffer.byteLength(text) / 4)

type Wanted = {
  readonly wish: string
  readonly source: Source
  readonly path: string
  readonly pinned: boolean
  /** most documents of this wish */ readonly max: number | null
}

/** Resolves wishes. `question`: the words of the work, for ranking. `budget`: tokens. */
export const resolveContext = async (
  wishes: readonly ContextWish[],
  sources: readonly Source[],
  question: string,
  budget: number,
): Promise<Resolved> => {
  const missing: { wish: string; why: string }[] = []
  const wanted = await wantedFiles(wishes, sources, missing)
  const candidates = await candidatesOf(wanted, missing)
  const scores = rank(candidates, question)
  const inOrder = candidates
    .map((one, at) => ({ ...one, score: scores[at] }))
    .toSorted((a, b) => Number(b.pinned) - Number(a.pinned) || (b.score?.total ?? 0) - (a.score?.total ?? 0))
  let tokens = 0
  const items: (ContextItem & { text: string })[] = []
  const documents = new Map<string, Set<string>>()
  for (const { wish, source, path, pinned, max, title, lines, text, score } of inOrder) {
    const size = tokensOf(text)
    const taken = documents.get(wish) ?? new Set()
    const isOneTooMany = max !== null && !taken.has(path) && taken.size >= max
    if (isOneTooMany || tokens + size > budget || items.length === mostItems) continue
    documents.set(wish, taken.add(path))
    tokens += size
    const { words = 0, path: byPath = 0, recency = 0, total = 0 } = score ?? {}
    const digest = createHash('sha256').update(text).digest('hex')
    items.push({
      id: `ctx-${items.length + 1}`,
      repo: source.repo,
      path,
      commit: source.commit,
      title,
      lines: [...lines] as [number, number],
      digest,
      tokens: size,
      wish,
      pinned,
      score: { words, path: byPath, recency, total },
      text,
    })
  }
  for (const wish of new Set(candidates.map((one) => one.wish)))
    if (!items.some((item) => item.wish === wish))
      missing.push({ wish, why: `Nothing of it fitted into ${budget} tokens.` })
  return { items, missing, tokens }
}

/** The words by which a wish is known. */
const nameOf = (wish: ContextWish): string =>
  (wish.kind === 'name'
    ? wish.name
    : wish.kind === 'paths'
      ? `${wish.repo}: ${wish.paths.join(', ')}`
      : `history: ${wish.of}`
  ).slice(0, 300)

const wantedFiles = async (
  wishes: readonly ContextWish[],
  sources: readonly Source[],
  missing: { wish: string; why: string }[],
): Promise<Wanted[]> => {
  const trees = new Map<Source, Promise<string[]>>()
  const filesOf = (source: Source): Promise<string[]> => {
    const known =
      trees.get(source) ??
      listTree(source.gitDir, source.commit).then((entries) =>
        entries.filter((entry) => entry.mode.startsWith('100')).map((entry) => entry.path),
      )
    trees.set(source, known)
    return known
  }
  const names = wishes.some((wish) => wish.kind === 'name')
    ? await Promise.all(sources.map(async (source) => ({ source, names: await namesIn(source) })))
    : []
  const found: Wanted[] = []
  for (const wish of wishes) {
    const label = nameOf(wish)
    const miss = (why: string): void => void missing.push({ wish: label, why })
    const take = async (source: Source, { paths, pin, max }: Omit<NamedContext, 'owner'>): Promise<void> => {
      const files = (await filesOf(source)).filter(
        (file) => !file.includes('\n') && paths.some((glob) => globRefusal(glob) === null && globFits(glob, file)),
      )
      if (files.length === 0)
        miss(`No file of ${source.repo} at ${source.commit.slice(0, 12)} fits ${paths.join(', ')}.`)
      if (files.length > mostFiles)
        miss(`${files.length} files of ${source.repo} fit; only the first ${mostFiles} were looked at.`)
      found.push(...files.slice(0, mostFiles).map((path) => ({ wish: label, source, path, pinned: pin, max })))
    }
    if (wish.kind === 'history') miss('Earlier runs are not a source of context in this version.')
    else if (wish.kind === 'paths') {
      const source = sources.find((one) => one.repo === wish.repo)
      if (source) await take(source, { paths: wish.paths, pin: false, max: wish.max })
      else miss(`The run has no repository ${wish.repo}.`)
    } else {
      const broken = names.flatMap(({ source, names: why }) => (typeof why === 'string' ? [{ source, why }] : []))
      const naming = names.flatMap(({ source, names: read }) => {
        const named = typeof read === 'string' ? undefined : read?.get(wish.name)
        return named ? [{ source, named }] : []
      })
      for (const { source, named } of naming) await take(source, named)
      for (const one of broken) miss(`${contextFile} of ${one.source.repo} cannot be read: ${one.why}`)
      if (naming.length === 0 && broken.length === 0) miss(`No repository of this run names it in ${contextFile}.`)
    }
  }
  const seen = new Set<string>()
  return found.filter(({ source, path }) => !seen.has(`${source.repo}:${path}`) && seen.add(`${source.repo}:${path}`))
}

/** The names of a repository, null when it has none, or why they cannot be read. */
const namesIn = async (source: Source): Promise<Map<string, NamedContext> | string | null> => {
  const [blob] = await readBlobs(source.gitDir, [`${source.commit}:${contextFile}`])
  if (!blob) return null
  const read = readContextFile(blob.toString('utf8'), contextFile)
  return read.ok ? read.names : whyUnreadable(read.errors)
}

const candidatesOf = async (wanted: readonly Wanted[], missing: { wish: string; why: string }[]) => {
  const texts = new Map<Wanted, string>()
  const ages = new Map<Source, Map<string, number>>()
  for (const source of new Set(wanted.map((one) => one.source))) {
    const mine = wanted.filter((one) => one.source === source)
    ages.set(source, await agesIn(source))
    const blobs = await readBlobs(
      source.gitDir,
      mine.map((one) => `${source.commit}:${one.path}`),
    )
    mine.forEach((one, at) => {
      const blob = blobs[at]
      if (!blob || blob.includes(0) || blob.length > largestFile)
        missing.push({
          wish: one.wish,
          why: `${one.path} is ${blob && blob.length > largestFile ? `larger than ${largestFile} bytes` : 'not a text'}.`,
        })
      else texts.set(one, blob.toString('utf8'))
    })
  }
  return [...texts].flatMap(([one, text]) =>
    sectionsOf(one.path, text).map((section) => ({
      ...one,
      ...section,
      age: ages.get(one.source)?.get(one.path) ?? null,
    })),
  )
}

/** Seconds from a file's last change to the newest commit, for files changed in the last 300 commits. */
const agesIn = async (source: Source): Promise<Map<string, number>> => {
  const { out } = await git(
    ['log', '-z', '-n', '300', '--no-renames', '--name-only', '--format=%x01%ct', source.commit],
    { gitDir: source.gitDir },
  )
  const ages = new Map<string, number>()
  let newest: number | null = null
  for (const block of out.toString('utf8').split('\u0001').slice(1)) {
    const [head = '', ...names] = block.split(/[\0\n]/).filter(Boolean)
    newest ??= Number(head)
    for (const name of names) if (!ages.has(name)) ages.set(name, Math.max(0, newest - Number(head)))
  }
  return ages
}
