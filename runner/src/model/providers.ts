/** Which providers of models does vpd know, and how does each want to be asked? */

/** How a provider speaks; it decides which paths are let through and where the key stands. */
export type Dialect = 'anthropic' | 'openai' | 'google'

/** A provider that can be used now: where it is, and the real key. */
export type Upstream = {
  readonly name: string
  readonly dialect: Dialect
  /** Where its API begins, without a slash at the end: for OpenAI and its like with `/v1`. */
  readonly base: string
  readonly key: string
}

/** The known providers: where they are, and how their programs call the settings. */
export const providers: Readonly<
  Record<
    string,
    {
      readonly dialect: Dialect
      readonly base: string
      readonly key: readonly string[]
      readonly url: readonly string[]
    }
  >
> = {
  anthropic: {
    dialect: 'anthropic',
    base: 'https://api.anthropic.com',
    key: ['ANTHROPIC_API_KEY'],
    url: ['ANTHROPIC_BASE_URL'],
  },
  openai: {
    dialect: 'openai',
    base: 'https://api.openai.com/v1',
    key: ['OPENAI_API_KEY'],
    url: ['OPENAI_BASE_URL'],
  },
  google: {
    dialect: 'google',
    base: 'https://generativelanguage.googleapis.com',
    key: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    url: ['GOOGLE_GEMINI_BASE_URL'],
  },
}

/** Anything else is taken to speak as OpenAI does. */
export const dialectOf = (name: string): Dialect =>
  Object.hasOwn(providers, name) ? providers[name]!.dialect : 'openai'

/** Names of providers: lower case, so that they can stand in a path. */
export const providerName = /^[a-z][a-z0-9-]{0,30}$/

/** Why an address cannot be that of a provider, or null. Without TLS only on this machine: the key would be for everybody to read. */
export const whyNotAddress = (text: string): string | null => {
  const url = URL.canParse(text) ? new URL(text) : null
  if (!url) return 'it is no URL'
  if (url.username || url.password || url.search || url.hash) return 'it must hold no user name, query or fragment'
  if (url.protocol === 'https:') return null
  if (url.protocol !== 'http:') return 'it must begin with https://'
  return /^(127(\.\d{1,3}){3}|localhost|\[::1\])$/.test(url.hostname)
    ? null
    : 'http:// is used on this machine alone: a key must not cross a network in clear'
}
