/**
 * How does an agent of a step reach its model?
 * Through vpd's gateway with a key that is good for nothing else, with a subscription login of the owner's, or not at all.
 */

export type ModelAccess =
  | {
      readonly way: 'gateway'
      /** `http://127.0.0.1:PORT`. Base URLs of the providers: `baseUrls`. */
      readonly url: string
      /** The loopback port, to be let through the wall. */
      readonly port: number
      /** Good at this gateway, for this step, until it ends; for every provider alike. No secret worth stealing. */
      readonly key: string
      /** The providers that answer: `anthropic`, `openai`, `google`, and names of OpenAI-compatible ones. */
      readonly providers: readonly string[]
    }
  /** The agent's own login is used: nothing is counted and no budget of tokens or money holds. `paths`: what its files are, in the owner's home. */
  | { readonly way: 'login'; readonly agent: string; readonly paths: readonly string[] }
  | { readonly way: 'none'; readonly why: string }

/** No model for agents that need none. */
export const noModel: ModelAccess = { way: 'none', why: 'this agent uses no model' }

/** The base URL of a provider at the gateway, in the form its own programs expect: with `/v1` for OpenAI and its like, without for the others. */
export const baseUrl = ({ url }: { readonly url: string }, provider: string): string =>
  provider === 'anthropic' || provider === 'google' ? `${url}/${provider}` : `${url}/${provider}/v1`

/**
 * The environment by which most programs find a model: for agents that vpd knows nothing about.
 * OPENAI_* is the first OpenAI-compatible provider where there is no `openai`.
 */
export const modelEnvironment = (access: ModelAccess): Record<string, string> => {
  if (access.way !== 'gateway') return {}
  const { providers, key } = access
  const openai = providers.includes('openai')
    ? 'openai'
    : providers.find((one) => one !== 'anthropic' && one !== 'google')
  return {
    ...(providers.includes('anthropic') && {
      ANTHROPIC_BASE_URL: baseUrl(access, 'anthropic'),
      ANTHROPIC_API_KEY: key,
    }),
    ...(openai !== undefined && { OPENAI_BASE_URL: baseUrl(access, openai), OPENAI_API_KEY: key }),
    ...(providers.includes('google') && {
      GOOGLE_GEMINI_BASE_URL: baseUrl(access, 'google'),
      GEMINI_API_KEY: key,
    }),
  }
}
