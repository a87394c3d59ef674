/**
 * Which request to a model is let through, and where does it go?
 * A list of the few paths that agents need. Everything else (files, stored answers, accounts, batches) is refused: the key could do far more.
 */
import type { Dialect } from './providers.ts'

/** `asks`: an answer of a model that costs something. Else: a list of models, or a count of tokens. `form`: what has to be looked into so that it can be counted. */
export type Route = {
  readonly provider: string
  readonly rest: string
  readonly asks: boolean
  readonly form: 'chat' | 'response' | null
}

const model = '[A-Za-z0-9][A-Za-z0-9._:@-]{0,120}'
const paths: Readonly<Record<Dialect, readonly { method: 'GET' | 'POST'; form: RegExp; asks: boolean }[]>> = {
  anthropic: [
    { method: 'POST', form: /^\/v1\/messages$/, asks: true },
    { method: 'POST', form: /^\/v1\/messages\/count_tokens$/, asks: false },
    { method: 'GET', form: new RegExp(`^/v1/models(/${model})?$`), asks: false },
  ],
  openai: [
    { method: 'POST', form: /^\/v1\/responses$/, asks: true },
    { method: 'POST', form: /^\/v1\/responses\/compact$/, asks: true },
    { method: 'POST', form: /^\/v1\/chat\/completions$/, asks: true },
    { method: 'GET', form: new RegExp(`^/v1/models(/${model}(/${model})?)?$`), asks: false },
  ],
  google: [
    {
      method: 'POST',
      form: new RegExp(`^/v1(beta|alpha)?/models/${model}:(streamGenerateContent|generateContent)$`),
      asks: true,
    },
    { method: 'POST', form: new RegExp(`^/v1(beta|alpha)?/models/${model}:countTokens$`), asks: false },
    { method: 'GET', form: new RegExp(`^/v1(beta|alpha)?/models(/${model})?$`), asks: false },
  ],
}

/** Queries that change nothing but the form of the answer. `key` is dropped: some programs put their key there. */
const queries = /^(beta|alt|limit|after_id|before_id|pageSize|pageToken|prettyPrint|api-version|client_version)$/

/** The route of a request, or why there is none. `target`: as it stands in the request; nothing in it is decoded or made shorter. */
export const routeOf = (
  method: string,
  target: string,
  dialects: ReadonlyMap<string, Dialect>,
): Route | { readonly refused: string } => {
  const found = /^\/([a-z][a-z0-9-]{0,30})(\/[A-Za-z0-9._:@/-]{1,400})(?:\?([A-Za-z0-9._~=&%,:$-]{0,1000}))?$/.exec(
    target,
  )
  const [, provider = '', path = '', query = ''] = found ?? []
  const dialect = dialects.get(provider)
  if (!found || !dialect || path.includes('//') || path.split('/').some((part) => part === '.' || part === '..'))
    return { refused: 'nothing is there' }
  const known = paths[dialect].find((one) => one.method === method && one.form.test(path))
  if (!known) return { refused: `${method} ${path} is not let through` }
  const kept: string[] = []
  for (const part of query === '' ? [] : query.split('&')) {
    const name = part.split('=')[0]!
    if (name === 'key') continue
    if (!queries.test(name)) return { refused: `the query ${name} is not let through` }
    kept.push(part)
  }
  // The base of OpenAI and its like ends with their version already.
  const rest = dialect === 'openai' ? path.slice('/v1'.length) : path
  return {
    provider,
    rest: kept.length === 0 ? rest : `${rest}?${kept.join('&')}`,
    asks: known.asks,
    form: dialect !== 'openai' || !known.asks ? null : path === '/v1/chat/completions' ? 'chat' : 'response',
  }
}
