/**
 * Which models can be asked of a provider by name here?
 * Those with a list price, those that the owner wrote down, and, where the owner named an address, those that answer to a request for the list.
 * The owner's patterns (`models` of the policy) narrow them all.
 */
import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { gathering } from '@viewportai/core/wire/gather'
import { isSameModel } from '@viewportai/core/wire/model-name'
import { fits } from '../policy/pattern.ts'
import { askProvider, whyNotAsked } from './ask-provider.ts'
import type { ModelSetup } from './model-setup.ts'
import { headersTo } from './headers.ts'
import { prices } from './prices.ts'
import { providers, type Dialect, type Upstream } from './providers.ts'

/** So many are told to the control plane for each agent. */
export const offeredAtMost = 300

/** Names of models of these providers, in order. */
export const offeredModels = async (upstreams: readonly Upstream[], setup: ModelSetup): Promise<string[]> => {
  const all = await Promise.all(upstreams.map((one) => modelsOf(one, setup)))
  return [...new Set(all.flat())].toSorted().slice(0, offeredAtMost)
}

/** The providers among these that offer a model; the date of its version may be left out. */
export const offering = async (
  upstreams: readonly Upstream[],
  model: string,
  setup: ModelSetup,
): Promise<Upstream[]> => {
  const all = await Promise.all(upstreams.map((one) => modelsOf(one, setup)))
  return upstreams.filter((_, at) => all[at]!.some((one) => isSameModel(one, model)))
}

/** With a login nobody can be asked: what has a price at its provider, and what the owner wrote down. */
export const offeredByLogin = (provider: string, setup: ModelSetup): string[] =>
  allowed([...pricedAt(provider), ...named(setup)], setup).toSorted()

const modelsOf = async (upstream: Upstream, setup: ModelSetup): Promise<string[]> => {
  const usual = Object.hasOwn(providers, upstream.name) ? providers[upstream.name]!.base : null
  const told = upstream.base === usual ? null : await listAt(upstream, setup)
  return allowed([...(told ?? pricedAt(upstream.name)), ...named(setup)], setup)
}

const pricedAt = (provider: string): string[] => (Object.hasOwn(prices, provider) ? Object.keys(prices[provider]!) : [])

/** What the owner named to the letter, in `models` or with a price. */
const named = ({ models = [], prices: own }: ModelSetup): string[] => [
  ...Object.keys(own),
  ...models.filter((one) => !one.includes('*')),
]

const allowed = (names: readonly string[], { models = ['**'] }: ModelSetup): string[] =>
  [...new Set(names)].filter((name) => name.length <= 120 && fits(name, models))

// A local server may be busy, or away; work does not wait for its list.
const patienceMs = 3_000
const [goodForMs, badForMs] = [10 * 60_000, 60_000]
const listBytesAtMost = 4_000_000
const known = new Map<string, { readonly until: number; readonly names: Promise<string[] | null> }>()

/** Its list, asked for once in a while; null: it tells none. */
const listAt = (upstream: Upstream, setup: ModelSetup): Promise<string[] | null> => {
  const key = createHash('sha256').update(`${upstream.name}\n${upstream.base}\n${upstream.key}`).digest('hex')
  const before = known.get(key)
  if (before && before.until > performance.now()) return before.names
  const names = askForList(upstream, setup).catch(() => null)
  known.set(key, { until: performance.now() + goodForMs, names })
  void names.then((told) => told === null && known.set(key, { until: performance.now() + badForMs, names }))
  return names
}

const lists: Readonly<Record<Dialect, string>> = {
  anthropic: '/v1/models?limit=1000',
  openai: '/models',
  google: '/v1beta/models?pageSize=1000',
}

/** The answer of a provider to a request for its list, which costs nothing. Rejects with the error of the connection. */
const askForAnswer = async (upstream: Upstream, setup: ModelSetup): Promise<IncomingMessage> => {
  setup.learn?.([{ name: `model-key-${upstream.name}`, value: upstream.key }])
  await setup.leaves?.({ run: null, what: 'list of models', to: new URL(upstream.base).origin, bytes: 0 })
  const version = upstream.dialect === 'anthropic' ? { 'anthropic-version': '2023-06-01' } : {}
  return askProvider({
    upstream,
    method: 'GET',
    rest: lists[upstream.dialect],
    headers: headersTo(upstream, version, 0, (text) => text),
    body: Buffer.alloc(0),
    signal: AbortSignal.timeout(patienceMs),
  })
}

/** Does the provider take the key? Asked for its list, three seconds at most. `unknown`: it could not be asked, or answers something else. */
export const keyTaken = async (
  upstream: Upstream,
  setup: ModelSetup,
): Promise<{ readonly taken: boolean | 'unknown'; readonly words: string }> => {
  const answer = await askForAnswer(upstream, setup).catch((error: unknown) => whyNotAsked(error))
  if (typeof answer === 'string') return { taken: 'unknown', words: answer }
  const status = answer.statusCode ?? 0
  const said = status === 400 ? await startOf(answer) : (answer.destroy(), '')
  if (status >= 200 && status < 300) return { taken: true, words: `it answered ${status}` }
  // Google answers 400 to a key that is none.
  if (status === 401 || status === 403 || /API_KEY_INVALID|API key not valid/.test(said))
    return { taken: false, words: `it answered ${status}` }
  return { taken: 'unknown', words: `it answered ${status}` }
}

/** The first bytes of an answer, as text. */
const startOf = async (answer: IncomingMessage): Promise<string> => {
  let text = ''
  for await (const part of answer as AsyncIterable<Buffer>) {
    text += part.toString('latin1')
    if (text.length > 10_000) break
  }
  return text
}

const askForList = async (upstream: Upstream, setup: ModelSetup): Promise<string[]> => {
  const answer = await askForAnswer(upstream, setup)
  if (answer.statusCode !== 200) throw new Error(`it answered ${answer.statusCode}`)
  const gathered = gathering(listBytesAtMost)
  for await (const part of answer as AsyncIterable<Buffer>)
    if (!gathered.take(part)) throw new Error('its list is too long')
  return namesIn(JSON.parse(gathered.text()))
}

/** `{data: [{id}]}` of Anthropic, OpenAI and its like; `{models: [{name: "models/…"}]}` of Google. */
const namesIn = (told: unknown): string[] => {
  const { data, models } = Object(told) as { data?: unknown; models?: unknown }
  const items: unknown[] = Array.isArray(data) ? data : Array.isArray(models) ? models : []
  return items.flatMap((item) => {
    const { id, name } = Object(item) as { id?: unknown; name?: unknown }
    const found = typeof id === 'string' ? id : typeof name === 'string' ? name.replace(/^models\//, '') : ''
    return /^[A-Za-z0-9][A-Za-z0-9._:@/-]{0,119}$/.test(found) ? [found] : []
  })
}
