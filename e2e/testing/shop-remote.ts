// The sample's repository behind a bare remote of one's own.
import { execFileSync } from 'node:child_process'
import { cpSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT, type Place } from './place.ts'

export type ShopRemote = { url: string; git(...words: string[]): string }

/** Makes it in the place's folder, where its path says that it is acme/shop. It writes down every push. */
export function makeShopRemote(place: Place): ShopRemote {
  const [work, remote] = [join(place.folder, 'work'), join(place.folder, 'acme/shop.git')]
  const git = (folder: string, ...words: string[]): string =>
    execFileSync('git', ['-C', folder, '-c', 'user.name=n', '-c', 'user.email=n@example.com', ...words], {
      encoding: 'utf8',
      env: place.env,
    }).trim()
  cpSync(join(ROOT, 'examples/sample-repo'), work, { recursive: true })
  git(work, 'init', '--quiet', '--initial-branch=main')
  git(work, 'add', '--all')
  git(work, 'commit', '--quiet', '--message', 'One')
  git(place.folder, 'clone', '--quiet', '--bare', work, remote)
  git(remote, 'config', 'core.logallrefupdates', 'always')
  return { url: `file://${remote}`, git: (...words) => git(remote, ...words) }
}
