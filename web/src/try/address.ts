/** What does a person mean by the address that they typed? A path is a folder on the machine of the runner; ssh becomes the https address. */
import { trimmedEnd } from '@viewportai/core/trimmed'

/** `url`: what is asked for; `why`: what is wrong with it, once enough was typed to say so. */
export type Meant = { readonly url: string; readonly why: null } | { readonly url: null; readonly why: string | null }

export const meantAddress = (typed: string): Meant => {
  const text = typed.trim()
  const no = (why: string | null): Meant => ({ url: null, why })
  if (text === '') return no(null)
  if (text.startsWith('~')) return no('~ is another folder for everybody: write the whole path, /home/NAME/…')
  if (/^[A-Za-z]:[\\/]/.test(text) || text.startsWith('\\\\')) return no('runners on Windows do not take work yet')
  if (text.startsWith('.')) return no('write the whole path: the runner does not know which folder you are in')
  if (text.startsWith('/'))
    return /^\/[A-Za-z0-9/._+,=~-]*$/.test(text)
      ? { url: `file://${trimmedEnd(text, '/') || '/'}`, why: null }
      : no(
          'the path holds a blank or another character that cannot stand in an address: make a link with a plain name (ln -s)',
        )
  const ssh = /^(?:ssh:\/\/)?git@([A-Za-z0-9.-]+)[:/](.+)$/.exec(text)
  if (ssh) return { url: `https://${ssh[1]}/${ssh[2]}`, why: null }
  if (/^(https|file):\/\//i.test(text)) return { url: text, why: null }
  if (/^[a-z+]+:\/\//i.test(text)) return no('https:// or a path on the machine of the runner')
  const host = /^([A-Za-z0-9-]+\.)+[A-Za-z]{2,}\/\S+\/\S+/.test(text)
  return host ? { url: `https://${text}`, why: null } : no(null)
}
