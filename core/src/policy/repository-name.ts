/**
 * Which repository does a URL mean?
 * One text per repository, so that a pattern cannot be passed by spelling: `host/path` for https and ssh, `http://host/path`, `file:///path`.
 * What could mean two things (dot segments, escapes, user names, queries) means none.
 */
import { trimmedEnd } from '../trimmed.ts'

/** A repository's one name, or why the URL has none. */
export type RepositoryName = { name: string } | { why: string }

/** Hosts that treat `Acme/API` and `acme/api` as the same repository. */
const foldsCase = new Set(['github.com', 'gitlab.com', 'bitbucket.org'])

/** Reads a remote's URL: https, ssh, `git@host:path`, http, file, or an absolute path. */
export const repositoryName = (url: string): RepositoryName => {
  if (!/^[\x21-\x7e]+$/.test(url)) return { why: 'it holds white space or characters outside ASCII' }
  if (url.startsWith('/')) return fileName(url)
  const scp = /^git@([A-Za-z0-9.-]+):(?!\/)([^:]+)$/.exec(url)
  if (scp) return remoteName('', scp[1]!, `/${scp[2]!}`)
  const parts = /^([a-z][a-z0-9+.-]*):\/\/([^/]*)(\/.*)$/i.exec(url)
  if (!parts) return { why: 'it is neither a URL of a repository nor an absolute path' }
  const [, scheme = '', host = '', path = ''] = parts
  switch (scheme.toLowerCase()) {
    case 'file':
      return host === '' ? fileName(path) : { why: 'a file URL names another host' }
    case 'https':
      return host.includes('@') ? { why: 'it holds a user name' } : remoteName('', host.replace(/:443$/, ''), path)
    case 'http':
      return host.includes('@')
        ? { why: 'it holds a user name' }
        : remoteName('http://', host.replace(/:80$/, ''), path)
    case 'ssh':
      return /^git@[^@]+$/.test(host)
        ? remoteName('', host.slice(4).replace(/:22$/, ''), path)
        : { why: 'an ssh URL must be of the user git' }
    default:
      return { why: `${scheme} is not a way to fetch a repository here` }
  }
}

/** Is this name of a repository on this machine, or reached without encryption on this machine? */
export const isLocal = (name: string): boolean =>
  name.startsWith('file:///') || /^http:\/\/(localhost|127\.0\.0\.1|\[::1\])(:\d+)?\//.test(name)
/** Is it reached without encryption, or not a remote at all? Then a pattern must name it. */
export const isPlain = (name: string): boolean => name.startsWith('file:///') || name.startsWith('http://')

const remoteName = (prefix: string, host: string, path: string): RepositoryName => {
  const at = host.toLowerCase()
  if (!/^(\[[0-9a-f:]+\]|[a-z0-9]([a-z0-9.-]*[a-z0-9])?)(:\d{1,5})?$/.test(at) || at.includes('..'))
    return { why: 'its host is not a host name' }
  const clean = cleanPath(path)
  if ('why' in clean) return clean
  return { name: `${prefix}${at}${foldsCase.has(at) ? clean.path.toLowerCase() : clean.path}` }
}

const fileName = (path: string): RepositoryName => {
  const clean = cleanPath(path)
  return 'why' in clean ? clean : { name: `file://${clean.path}` }
}

// `.git` and a slash at the end are the same repository for every forge.
const cleanPath = (path: string): { path: string } | { why: string } => {
  if (/[%?#\\*@:]/.test(path)) return { why: 'its path holds one of % ? # \\ * @ :' }
  const segments = trimmedEnd(path, '/')
    .replace(/\.git$/, '')
    .split('/')
    .slice(1)
  if (segments.length === 0 || segments.some((one) => one === '' || one === '.' || one === '..'))
    return { why: 'its path is empty or holds empty or dot segments' }
  return { path: `/${segments.join('/')}` }
}
