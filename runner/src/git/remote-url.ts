/**
 * Is this the address of a repository that vpd may talk to, in its one spelling?
 * file and https only. It never follows what a repository's own settings say about addresses.
 */
import { trimmedEnd } from '@viewportai/core/trimmed'
import { createHash } from 'node:crypto'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { failed } from '../work/failure.ts'

/** A pinned remote: the address given to git, and a folder name for its cache. */
export type Remote = { readonly url: string; readonly kind: 'file' | 'https'; readonly folder: string }

/** Reads an address. An absolute path means file://. Throws WorkFailed `url_refused` with the reason. */
export const remoteOf = (address: string): Remote => {
  const refused = (why: string) =>
    failed(
      'checkout',
      'url_refused',
      `The repository address ${JSON.stringify(address.slice(0, 300))} cannot be used: ${why}.`,
      'Use an https:// address without a name or password in it, or file:// for a repository on the runner.',
      { retrySafe: false },
    )
  if (/[\u0000-\u0020\u007f-\u{10ffff}\\]/u.test(address))
    throw refused('it holds a blank, a backslash, a control character or a letter outside ASCII')
  if (/(^|[/])\.\.?([/]|$)|%2e/i.test(address)) throw refused('it holds . or .. as a part of its path')
  if (address.startsWith('/')) return remote(pathToFileURL(path.normalize(address)).href, 'file')
  const url = URL.canParse(address) ? new URL(address) : null
  if (url?.protocol === 'file:') {
    if (url.host !== '' || !address.startsWith('file:///'))
      throw refused('file:// takes an absolute path on this machine')
    return remote(url.href, 'file')
  }
  if (url?.protocol !== 'https:' || !address.startsWith('https://'))
    throw refused('only https:// and file:// are allowed')
  if (url.username || url.password) throw refused('it holds a name or password')
  if (url.search || url.hash) throw refused('it holds ? or #')
  return remote(trimmedEnd(url.href, '/'), 'https')
}

const remote = (url: string, kind: Remote['kind']): Remote => {
  const name = (url.split('/').filter(Boolean).at(-1) ?? 'repository')
    .replace(/\.git$/, '')
    .replace(/[^a-zA-Z0-9_-]/g, '-')
    .slice(0, 40)
  return { url, kind, folder: `${name}-${createHash('sha256').update(url).digest('hex').slice(0, 16)}.git` }
}
