/**
 * From which hosts would npm, pnpm or yarn get packages here, by settings that lie in the repository?
 * `.npmrc` and `.yarnrc.yml` at its top. A hint for people: what a step may reach is the policy's matter alone.
 */
import { parseDocument } from 'yaml'
import { hostForm } from '@viewportai/core/policy/hosts'

const most = 20

type Settings = { readonly npm: string | null; readonly yarn: string | null; readonly usesYarn: boolean }

/** Hosts as a policy names them, the usual one first; none: the settings name none, so the usual one is meant. */
export const ownRegistries = ({ npm, yarn, usesYarn }: Settings): string[] => {
  const { usual, others } = usesYarn ? ofYarn(yarn ?? '') : ofNpm(npm ?? '')
  const hosts = [usual, ...others].flatMap((url) => (url === null ? [] : (hostOf(url) ?? [])))
  if (hosts.length === 0) return []
  const byDefault = usesYarn ? 'registry.yarnpkg.com' : 'registry.npmjs.org'
  return [...new Set(usual === null ? [byDefault, ...hosts] : hosts)].slice(0, most)
}

type Named = { usual: string | null; others: string[] }

/** ini: `registry=URL`, `@scope:registry=URL`; the last one of a name holds. */
const ofNpm = (text: string): Named => {
  const found = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const [, name, url] = /^\s*((?:@[^:=\s]+:)?registry)\s*=\s*"?([^"\s;#]+)/.exec(line) ?? []
    if (name !== undefined && url !== undefined) found.set(name, url)
  }
  const usual = found.get('registry') ?? null
  found.delete('registry')
  return { usual, others: [...found.values()] }
}

const ofYarn = (text: string): Named => {
  const document = parseDocument(text)
  const read: unknown = document.errors.length > 0 ? null : document.toJS({ maxAliasCount: 10 })
  const { npmRegistryServer, npmScopes } = Object(read) as { npmRegistryServer?: unknown; npmScopes?: unknown }
  return {
    usual: typeof npmRegistryServer === 'string' ? npmRegistryServer : null,
    others: Object.values(Object(npmScopes) as Record<string, unknown>).flatMap((scope) => {
      const url: unknown = (Object(scope) as { npmRegistryServer?: unknown }).npmRegistryServer
      return typeof url === 'string' ? [url] : []
    }),
  }
}

/** Null: it is no plain address, e.g. `${REGISTRY}`, which only the one who sets the variable knows. */
const hostOf = (url: string): string | null => {
  if (!URL.canParse(url)) return null
  const { protocol, hostname, port } = new URL(url)
  if (protocol !== 'https:' && protocol !== 'http:') return null
  const host = port === '' ? hostname : `${hostname}:${port}`
  return hostForm.test(host) && host !== 'registries' ? host : null
}
