/**
 * Is this where a repository may be fetched from?
 * `https:` and `file:` only, written in one way, so that two spellings are one repository. The control plane never fetches it
 * itself: runners do, with their own policy, so nothing here reaches into a network.
 */
import { trimmedEnd } from '@viewportai/core/trimmed'
import { refuse, type Refusal } from '@viewportai/core/refusal'

/** The address in its one spelling, or why not. */
export const repositoryAddress = (text: string): string | Refusal => {
  const no = (why: string): Refusal => refuse('invalid', { where: 'body.url', why })
  if (/[\u0000-\u0020\u007f\\]/.test(text)) return no('it holds spaces, backslashes or control characters')
  const ssh = /^(?:ssh:\/\/)?git@([A-Za-z0-9.-]+)[:/](.+)$/.exec(text)
  if (ssh) return no(`runners fetch over https:, not over ssh; expected https://${ssh[1]}/${ssh[2]}`)
  if (!URL.canParse(text))
    return no('it is not an address; expected https://host/owner/name.git or file:///path/name.git')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'file:')
    return no(`${url.protocol} is not taken; https: and file: are`)
  if (url.username || url.password) return no('it holds a user name or password; runners use their own credentials')
  if (url.search || url.hash) return no('it holds a query or a fragment')
  if (url.protocol === 'file:' && url.host) return no('a file: address has no host')
  if (/%(2f|5c|00)/i.test(url.pathname)) return no('its path holds an encoded slash or NUL')
  const path = trimmedEnd(url.pathname, '/')
  if (path === '' || path.includes('//')) return no(path === '' ? 'it has no path' : 'its path holds an empty part')
  return `${url.protocol}//${url.host}${path}`
}
