/**
 * Which branch may a run write, and is this ref name safe?
 * git's own rules and stricter ones, so that no name can be an option, another branch in disguise, or more than one thing. It never asks git.
 */
import { trimmed, trimmedEnd } from '../trimmed.ts'

const ours = 'refs/heads/vp/'

/** The full ref of a run's branch: `refs/heads/vp/<slug of the title>-<hex>`. `hex`: six random hex digits from the caller; throws on anything else. The title may be hostile. */
export const branchFor = (title: string, hex: string): string => {
  if (!/^[0-9a-f]{6}$/.test(hex)) throw new RangeError('a branch needs six hex digits')
  const words = title
    .slice(0, 400)
    .normalize('NFKD')
    .toLowerCase()
    .replace(/\p{M}+/gu, '')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/(?<=[a-z])-(?=\d)/g, '_') // `sec-12` in a branch links the ticket SEC-12, and moves it when the branch is merged
  const slug = trimmedEnd(trimmed(words, '-').slice(0, 40), '-_')
  return `${ours}${slug || 'run'}-${hex}`
}

/** Why a run may not write this ref, or null when it may. `ours: false`: any branch, such as the base a change is meant for. */
export const refRefusal = (ref: string, { ours: mine = true }: { ours?: boolean } = {}): string | null => {
  if (!ref.startsWith('refs/heads/')) return 'it is not a branch (refs/heads/…)'
  if (ref.length > 200) return 'it is longer than 200 characters'
  const name = ref.slice('refs/heads/'.length)
  if (name === '' || name === '@' || name === 'HEAD')
    return `${name === '' ? 'an empty name' : name} is not a branch name`
  if (!/^[A-Za-z0-9._/+@=#,-]+$/.test(name))
    return 'it holds characters other than letters, digits and . _ / + @ = # , -'
  if (name.includes('..') || name.includes('@{') || name.includes('//')) return 'it holds .., @{ or //'
  if (
    name
      .split('/')
      .some(
        (part) =>
          part === '' ||
          part.startsWith('.') ||
          part.startsWith('-') ||
          part.endsWith('.') ||
          part.toLowerCase().endsWith('.lock'),
      )
  )
    return 'a part of it is empty, begins with . or -, or ends with . or .lock'
  if (/^([0-9a-f]{40}|[0-9a-f]{64})$/.test(name)) return 'it looks like a commit'
  if (!mine) return null
  if (!ref.startsWith(ours)) return `a run writes only below ${ours}`
  return /^[a-z0-9]([a-z0-9._-]*[a-z0-9])?(\/[a-z0-9]([a-z0-9._-]*[a-z0-9])?)*$/.test(name.slice(3))
    ? null
    : 'below vp/ there are only small letters, digits and . _ -'
}
