/** Does this text hold something that looks like a secret? Known forms only; it never repeats what it found. */

const forms: readonly (readonly [kind: string, form: RegExp])[] = [
  ['private key', /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY(?: BLOCK)?-----/],
  ['AWS access key', /\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/],
  ['GitHub token', /\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{60,})\b/],
  ['GitLab token', /\bglpat-[A-Za-z0-9_-]{20,}/],
  ['Slack token', /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/],
  ['Slack webhook', /hooks\.slack\.com\/services\/T[A-Z0-9]+\/B[A-Z0-9]+\/[A-Za-z0-9]{20,}/],
  ['Google API key', /\bAIza[0-9A-Za-z_-]{35}\b/],
  ['Stripe key', /\b[rs]k_live_[0-9A-Za-z]{20,}/],
  ['npm token', /\bnpm_[A-Za-z0-9]{36}\b/],
  ['model provider key', /\bsk-(?:ant-|proj-|svcacct-)?[A-Za-z0-9_-]{32,}/],
  ['SendGrid key', /\bSG\.[A-Za-z0-9_-]{22}\.[A-Za-z0-9_-]{43}\b/],
  ['Linear key', /\blin_api_[A-Za-z0-9]{32,}/],
]

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
      const kind = forms.find(([, form]) => form.test(text.slice(1)))?.[0]
      if (kind) found.push({ path, line, kind })
    } else if (inHunk && text.startsWith(' ')) line++
  }
  return found
}
