/**
 * By which way does an agent of this runner reach its model?
 * A login only where the owner's policy names the agent; else the gateway, with the keys of the providers that it speaks to and no others.
 */
import { KeysUnusable, readKeys, upstreamsOf } from '../credentials/model-keys.ts'
import { loginFiles } from '../credentials/logins.ts'
import type { ModelSetup } from './model-setup.ts'
import { offering } from './offered.ts'
import type { Upstream } from './providers.ts'

export type Choice =
  | { readonly way: 'gateway'; readonly upstreams: readonly Upstream[] }
  | { readonly way: 'login'; readonly paths: readonly string[] }
  | { readonly way: 'none'; readonly why: string }

/** Is there a key that can be used, so that steps get a gateway? */
export const hasKeys = async (setup: ModelSetup | undefined): Promise<boolean> =>
  setup !== undefined && upstreamsOf(await readKeys(setup.home, setup.env).catch(() => [])).length > 0

/** Chooses. `speaks`: the providers that the agent can work with, the usual one first; none: it needs no model. `model`: the one that the step asks for. */
export const chooseAccess = async (
  { name, speaks }: { readonly name: string; readonly speaks: readonly string[] },
  setup: ModelSetup | undefined,
  model: string | null = null,
): Promise<Choice> => {
  if (speaks.length === 0) return { way: 'none', why: 'this agent needs no model from vpd' }
  if (!setup) return { way: 'none', why: 'no keys of models are set on this runner' }
  const login = await loginFiles(name, setup.userHome)
  if (login.length > 0 && setup.logins.includes(name)) return { way: 'login', paths: login }
  const keys = await readKeys(setup.home, setup.env).catch((error: unknown) => {
    if (error instanceof KeysUnusable) return error
    throw error
  })
  if (keys instanceof KeysUnusable) return { way: 'none', why: keys.message }
  const fits = ({ name: provider, dialect }: Upstream): boolean =>
    speaks.includes(provider) || (dialect === 'openai' && speaks.includes('openai'))
  const upstreams = upstreamsOf(keys).filter(fits)
  if (upstreams.length > 0 && model !== null) {
    const fitting = await offering(upstreams, model, setup)
    return fitting.length > 0
      ? { way: 'gateway', upstreams: fitting }
      : { way: 'none', why: `none of ${upstreams.map((one) => one.name).join(', ')} offers the model ${model} here` }
  }
  if (upstreams.length > 0) return { way: 'gateway', upstreams }
  const usual = speaks[0]!
  const broken = keys.find((key) => key.why !== null && speaks.includes(key.name))
  return {
    way: 'none',
    why: [
      broken
        ? `the key for ${broken.name} from ${broken.source} cannot be used: ${broken.why}`
        : `there is no key for ${speaks.join(' or ')}: \`vpd credentials set model ${usual}\` on the runner`,
      ...(login.length > 0
        ? [`it is signed in to a subscription, which is used when the policy of the runner says so (logins: [${name}])`]
        : []),
    ].join('; '),
  }
}
