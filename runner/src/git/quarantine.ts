/**
 * Where does what an agent pushes land?
 * In a bare repository of the step that borrows the cache's objects and shows the branches as they were when the step began. Nothing leaves it by itself.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { Cache } from './cache.ts'
import { git, gitText } from './run-git.ts'

export type Quarantine = { readonly dir: string }

/** Largest pack one push may bring, in bytes. */
export const packCap = 100 * 1024 * 1024

/** Made by hand: no template, no hook, no setting of anybody. The run's own branch is not shown, so that a push of it is always a new one. */
export const makeQuarantine = async (cache: Cache, dir: string): Promise<Quarantine> => {
  await Promise.all(
    ['objects/info', 'objects/pack', 'refs'].map((name) => mkdir(path.join(dir, name), { recursive: true })),
  )
  const rows = await gitText(['for-each-ref', '--format=%(objectname) %(refname)', 'refs/heads'], { gitDir: cache.dir })
  const shown = rows.split('\n').filter((row) => row !== '' && !row.includes(' refs/heads/vp/'))
  await Promise.all([
    writeFile(path.join(dir, 'objects', 'info', 'alternates'), `${path.join(cache.dir, 'objects')}\n`),
    writeFile(path.join(dir, 'packed-refs'), ['# pack-refs with: sorted', ...shown, ''].join('\n')),
    writeFile(path.join(dir, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n'),
    writeFile(path.join(dir, 'HEAD'), 'ref: refs/heads/none\n'),
  ])
  return { dir }
}

/** Takes a pack in, checking every object. Throws GitFailed when it is broken or too large. */
export const takePack = async (quarantine: Quarantine, pack: Uint8Array): Promise<void> => {
  await git(['index-pack', '--stdin', '--fix-thin', '--strict', `--max-input-size=${packCap}`], {
    gitDir: quarantine.dir,
    input: pack,
    seconds: 300,
  })
}

/** The tree of a pushed commit, or null when the id is not a commit (a tag, a blob, nothing). */
export const pushedTree = async (quarantine: Quarantine, id: string): Promise<string | null> => {
  const kind = await git(['cat-file', '-t', id], { gitDir: quarantine.dir, accept: [1, 128] })
  if (kind.exit !== 0 || kind.out.toString('utf8').trim() !== 'commit') return null
  return gitText(['rev-parse', '--verify', `${id}^{tree}`], { gitDir: quarantine.dir })
}

/** Brings a pushed tree into the cache, under a commit of vpd's own later; only its objects come along. */
export const bringTree = async (quarantine: Quarantine, cache: Cache, commit: string): Promise<void> => {
  const list = await git(
    ['rev-list', '--objects', '--no-object-names', `${commit}^{tree}`, '--not', '--alternate-refs'],
    { gitDir: quarantine.dir },
  )
  const packed = await git(['pack-objects', '--stdout', '--quiet', '--delta-base-offset'], {
    gitDir: quarantine.dir,
    input: list.out,
  })
  await git(['unpack-objects', '-q', '--strict'], { gitDir: cache.dir, input: packed.out })
}
