/**
 * Where do the keys of model providers and the secrets of tools lie?
 * Below the runner's home, for all its pairings: a list of what there is, and each value in the system's keychain or, where there is none
 * that works, in that list's own file, which its owner alone can read.
 */
import { trimmedEnd } from '@viewportai/core/trimmed'
import { stat } from 'node:fs/promises'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { z } from 'zod'
import { Holding } from '@viewportai/core/wire/holding'
import { isMissing, privateFolder, writeDurably } from '../disk/durable.ts'
import { dialectOf, providerName, providers, whyNotAddress, type Upstream } from '../model/providers.ts'
import { keychainOf, works, type Keychain } from './keychain.ts'

const Entry = z.strictObject({
  /** Where the provider is, when it is not where it usually is. */
  url: z.string().max(500).optional(),
  set: z.string(),
  /** Of a provider: the account beside the value, the actions that it may be used for, and whose it is. */
  user: z.string().max(320).optional(),
  actions: z.array(z.string().max(80)).max(50).optional(),
  account: Holding.shape.account.optional(),
  /** The value; without it the value is in the keychain. */
  key: z.string().min(1).optional(),
})
/** A secret of a tool is named by the variable that it is handed over in. */
export const toolName = /^[A-Za-z_][A-Za-z0-9_]{0,79}$/
const List = z.strictObject({
  v: z.literal(1),
  model: z.record(z.string().regex(providerName), Entry),
  tool: z.record(z.string().regex(toolName), Entry).optional(),
  provider: z.record(z.string().regex(/^[a-z]+(\/[A-Za-z0-9 ._-]+)?$/), Entry).optional(),
})
type List = z.infer<typeof List>

/** Where this home keeps keys. */
export const credentialsFolder = (home: string): string => path.join(home, 'credentials')
const fileOf = (home: string): string => path.join(credentialsFolder(home), 'keys.json')
/** When the list was written last (ms), or null: a key was kept or forgotten since the time that somebody remembers. */
export const keysChangedAt = (home: string): Promise<number | null> =>
  stat(fileOf(home)).then(
    ({ mtimeMs }) => mtimeMs,
    () => null,
  )
/** The classes whose values lie here. */
export type KeyClass = 'model' | 'tool' | 'provider'
const accountOf = (home: string, kind: KeyClass, name: string): string => `${home} ${kind}/${name}`

/** The keys that are kept cannot be used. `words` say why and what to do; they never quote the file. */
export class KeysUnusable extends Error {
  override readonly name = 'KeysUnusable'
}

/** What a key is made of: what can stand in a header. Shorter ones could not be kept out of texts. */
export const keyForm = /^[\x21-\x7e]{8,4096}$/

/** What is kept of a provider's credential beside it. */
type About = {
  readonly user?: string | undefined
  readonly actions?: readonly string[]
  readonly account?: Holding['account']
}

/** Keeps a key. Answers with where it lies. Throws KeysUnusable. */
export const keepKey = async (
  home: string,
  name: string,
  given: { key: string; url: string | null } & About,
  keychain: Keychain | null = keychainOf(),
  kind: KeyClass = 'model',
): Promise<string> => {
  const list = await readList(home)
  const use = keychain && (await works(keychain)) ? keychain : null
  if (use) await use.set(accountOf(home, kind, name), given.key)
  list[kind] = {
    ...list[kind],
    [name]: {
      ...(given.url !== null && { url: given.url }),
      set: new Date().toISOString(),
      ...(given.user !== undefined && { user: given.user }),
      ...(given.actions && { actions: [...given.actions] }),
      ...(given.account !== undefined && { account: given.account }),
      ...(!use && { key: given.key }),
    },
  }
  await writeList(home, list)
  return use ? use.name : fileOf(home)
}

/** Forgets a key. False: there was none. */
export const forgetKey = async (
  home: string,
  name: string,
  keychain: Keychain | null = keychainOf(),
  kind: KeyClass = 'model',
): Promise<boolean> => {
  const list = await readList(home)
  const of = list[kind] ?? {}
  const entry = Object.hasOwn(of, name) ? of[name] : undefined
  if (!entry) return false
  // First the value: a list that forgot it first would leave it behind, unseen.
  if (entry.key === undefined) {
    if (!keychain)
      throw new KeysUnusable(
        'The key lies in a keychain that is not there now. Remove it with the desktop’s own program.',
      )
    await keychain.remove(accountOf(home, kind, name))
  }
  delete of[name]
  await writeList(home, list)
  return true
}

/** One value that is kept, with where it lies. `value` null: it cannot be had, and `why`. */
export type KeptKey = {
  readonly name: string
  readonly source: string
  readonly url: string | null
  readonly set: string | null
  readonly value: string | null
  readonly why: string | null
  readonly user: string | null
  readonly actions: readonly string[]
  readonly account: Holding['account']
}

/** Every value of a class that is kept. Throws KeysUnusable. */
export const keysOf = async (
  home: string,
  kind: KeyClass,
  keychain: Keychain | null = keychainOf(),
): Promise<KeptKey[]> =>
  Promise.all(
    Object.entries((await readList(home))[kind] ?? {}).map(
      async ([name, { url = null, set, key, user = null, actions = [], account = null }]) => {
        const source = key !== undefined ? fileOf(home) : (keychain?.name ?? 'a keychain')
        const read = key ?? (await readFrom(keychain, accountOf(home, kind, name)))
        return typeof read === 'string'
          ? { name, source, url, set, user, actions, account, value: read, why: null }
          : { name, source, url, set, user, actions, account, value: null, why: read.why }
      },
    ),
  )

/** One key that vpd could use, with where it comes from. `why`: it cannot be used. */
export type ModelKey = {
  readonly name: string
  readonly source: string
  readonly url: string | null
  readonly set: string | null
} & ({ readonly upstream: Upstream; readonly why: null } | { readonly upstream: null; readonly why: string })

/** Every key: what is kept, and what vpd's own environment holds. Of a provider the first one is used. Throws KeysUnusable. */
export const readKeys = async (
  home: string,
  env: NodeJS.ProcessEnv = process.env,
  keychain: Keychain | null = keychainOf(env),
): Promise<ModelKey[]> => {
  const kept = (await keysOf(home, 'model', keychain)).map(({ name, source, url, set, value, why }): ModelKey => ({
    name,
    source,
    url,
    set,
    ...usable(name, value, url, why),
  }))
  const inEnvironment = Object.entries(providers).flatMap(([name, known]): ModelKey[] => {
    const variable = known.key.find((one) => env[one])
    if (variable === undefined) return []
    const place = known.url.find((one) => env[one])
    const url = place === undefined ? null : env[place] === undefined ? null : trimmedEnd(env[place], '/')
    const source = place === undefined ? `the environment (${variable})` : `the environment (${variable}, ${place})`
    return [{ name, source, url, set: null, ...usable(name, env[variable] ?? null, url, null) }]
  })
  return [...kept, ...inEnvironment]
}

/** Of each provider the key that is used. */
export const upstreamsOf = (keys: readonly ModelKey[]): Upstream[] => {
  const used = new Map<string, Upstream | null>()
  for (const { name, upstream } of keys) if (!used.has(name)) used.set(name, upstream)
  return [...used.values()].filter((one) => one !== null)
}

const usable = (
  name: string,
  key: string | null,
  url: string | null,
  why: string | null,
): { upstream: Upstream; why: null } | { upstream: null; why: string } => {
  const base = url ?? (Object.hasOwn(providers, name) ? providers[name]!.base : null)
  if (base === null) return { upstream: null, why: 'it has no address: set it again with --url' }
  const wrong = why ?? whyNotAddress(base)
  if (wrong !== null) return { upstream: null, why: wrong }
  if (key === null || !keyForm.test(key))
    return { upstream: null, why: 'its value is no key: 8 or more visible characters' }
  return { upstream: { name, dialect: dialectOf(name), base: trimmedEnd(base, '/'), key }, why: null }
}

const readFrom = async (keychain: Keychain | null, account: string): Promise<string | { why: string }> => {
  if (!keychain) return { why: 'it lies in a keychain that this process cannot reach: set it again' }
  try {
    return (await keychain.get(account)) ?? { why: `it is not in ${keychain.name} any more: set it again` }
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) }
  }
}

const readList = async (home: string): Promise<List> => {
  const file = fileOf(home)
  const found = await stat(file).catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })
  if (!found) return { v: 1, model: {} }
  if ((found.mode & 0o077) !== 0 && process.platform !== 'win32')
    throw new KeysUnusable(
      `Others than its owner may read or write ${file}. Change the keys in it, then: chmod 600 ${file}`,
    )
  try {
    return List.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch {
    throw new KeysUnusable(`${file} is not as vpd writes it. Remove it and set the keys again.`)
  }
}

const writeList = async (home: string, list: List): Promise<void> => {
  await privateFolder(home)
  await privateFolder(credentialsFolder(home))
  await writeDurably(fileOf(home), `${JSON.stringify(list, null, 2)}\n`)
}
