/** Which texts are secrets by their form, whoever they belong to? Every pattern is bounded, so that nothing long has to be held back. */

/** Name (shown in place of the text) and form. All are searched in latin1 text, with the flags `g`. */
export const patterns: readonly { readonly name: string; readonly form: RegExp }[] = [
  { name: 'github-token', form: /\b(?:gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{50,255})/g },
  { name: 'gitlab-token', form: /\bgl(?:pat|ptt|dt|rt|cbt)-[A-Za-z0-9_.-]{20,128}/g },
  { name: 'slack-token', form: /\bxox[abeoprs]-[A-Za-z0-9-]{10,255}|\bxapp-[A-Za-z0-9-]{20,255}/g },
  { name: 'slack-webhook', form: /hooks\.slack\.com\/(?:services|workflows)\/[A-Za-z0-9/_-]{20,200}/g },
  { name: 'aws-access-key', form: /\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z2-7]{16}\b/g },
  { name: 'aws-secret-key', form: /(?<=aws_secret_access_key["']?\s{0,4}[=:]\s{0,4}["']?)[A-Za-z0-9/+=]{40}/gi },
  { name: 'google-api-key', form: /\bAIza[A-Za-z0-9_-]{35}/g },
  { name: 'model-key', form: /\bsk-(?:ant-|proj-|svcacct-|or-v1-)?[A-Za-z0-9_-]{20,255}/g },
  { name: 'stripe-key', form: /\b[rs]k_(?:live|test)_[A-Za-z0-9]{16,255}/g },
  { name: 'linear-key', form: /\blin_(?:api|oauth)_[A-Za-z0-9]{32,128}/g },
  { name: 'npm-token', form: /\bnpm_[A-Za-z0-9]{36,128}/g },
  { name: 'pypi-token', form: /\bpypi-[A-Za-z0-9_-]{50,255}/g },
  { name: 'json-web-token', form: /\beyJ[A-Za-z0-9_-]{8,1200}\.eyJ[A-Za-z0-9_-]{8,2000}\.[A-Za-z0-9_-]{16,700}/g },
  {
    name: 'authorization',
    form: /(?<=\bauthorization["']?\s{0,4}[:=]\s{0,4}["']?(?:bearer|basic|token|dpop)\s{1,4})[A-Za-z0-9._~+/=-]{12,2000}/gi,
  },
  { name: 'url-password', form: /(?<=\b[a-z][a-z0-9+.-]{1,20}:\/\/[^\s/:@]{0,100}:)[^\s/@]{3,200}(?=@)/gi },
]

/** Where a private key in PEM form begins and ends. */
export const pemBegin = /-----BEGIN [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----/g
export const pemEnd = /-----END [A-Z ]{0,30}PRIVATE KEY(?: BLOCK)?-----/
