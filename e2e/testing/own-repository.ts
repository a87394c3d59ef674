// A repository as somebody has it on their disk, and everything about it that must not change.
import { execFileSync } from 'node:child_process'
import { appendFileSync, cpSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { ROOT, type Place } from './place.ts'

export type OwnRepository = {
  folder: string
  git(...words: string[]): string
  /** Every file and folder of it with its time, mode and bytes, the .git folder's too. */
  everything(): Record<string, string>
}

/** The sample's repository as a clone with a remote, a hook, and a file that is not committed. */
export function makeOwnRepository(place: Place): OwnRepository {
  const folder = join(place.folder, 'shop')
  cpSync(join(ROOT, 'examples/sample-repo'), folder, { recursive: true })
  const git = (...words: string[]): string =>
    execFileSync('git', ['-c', 'user.name=n', '-c', 'user.email=n@example.com', ...words], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...place.env, GIT_OPTIONAL_LOCKS: '0' },
    }).trim()
  git('init', '--quiet', '--initial-branch=main')
  git('add', '--all')
  git('commit', '--quiet', '--message', 'One')
  git('remote', 'add', 'origin', 'https://me:secret-word@git.acme.example/acme/shop.git')
  mkdirSync(join(folder, '.git/hooks'), { recursive: true })
  writeFileSync(join(folder, '.git/hooks/pre-commit'), '#!/bin/sh\nexit 1\n', { mode: 0o755 })
  appendFileSync(join(folder, 'README.md'), '\nMine, not committed.\n')
  return { folder, git, everything: () => everythingIn(folder) }
}

function everythingIn(folder: string): Record<string, string> {
  const found: Record<string, string> = {}
  for (const name of ['.', ...readdirSync(folder, { recursive: true, encoding: 'utf8' })]) {
    const { mtimeNs, mode, size } = lstatSync(join(folder, name), { bigint: true })
    const text = (mode & 0o170000n) === 0o100000n ? readFileSync(join(folder, name), 'base64') : ''
    found[name] = `${mtimeNs} ${mode} ${size} ${text}`
  }
  return found
}
