/** Does a patch bring something that looks like a secret? Known forms only; it never repeats what it found. */
import { patterns, pemBegin } from '../egress/patterns.ts'

/** Forms that stand in tests and examples as a matter of course: no reason to refuse a change. */
const everyday = new Set(['json-web-token', 'authorization', 'url-password'])
const forms = [...patterns.filter(({ name }) => !everyday.has(name)), { name: 'private-key', form: pemBegin }]

export type SecretFound = { readonly path: string; readonly line: number; readonly kind: string }

/** Looks at the added lines of a patch. `line`: in the new file. */
export const secretsInPatch = (patch: string): SecretFound[] => {
  const found: SecretFound[] = []
  let path = ''
  let line = 0
  let inHunk = false
  for (const text of patch.split('\n')) {
    const hunk = /^@@ -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@/.exec(text)
    if (text.startsWith('diff --git ')) inHunk = false
    if (hunk) {
      line = Number(hunk[1]) - 1
      inHunk = true
    } else if (!inHunk && text.startsWith('+++ '))
      path = text
        .slice(4)
        .replace(/^"?b\//, '')
        .replace(/"?\t?$/, '')
    else if (inHunk && text.startsWith('+')) {
      line++
      const kind = forms.find(({ form }) => text.search(form) >= 0)?.name
      if (kind) found.push({ path, line, kind })
    } else if (inHunk && text.startsWith(' ')) line++
  }
  return found
}
