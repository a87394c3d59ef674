/** Why did an agent not get an answer from its model? The provider's no, in words that say what to do. Alike for all agents. */
import { failed, type WorkFailed } from '../work/failure.ts'

/**
 * The failure of an agent whose model said no. `status`: the provider's HTTP status where it is known; `words`: what the agent or provider said
 * about it (shortened; a key is never in it, the gateway takes care of that).
 */
export const modelFailure = (agent: string, status: number | null, words: string): WorkFailed => {
  const said = words.replace(/\s+/g, ' ').trim().slice(0, 500)
  const kind = kinds.find((one) => (status !== null ? one.status(status) : one.words.test(words))) ?? unknown
  return failed('agent', kind.code, `${kind.summary(agent)}${said === '' ? '.' : `: ${said}`}`, kind.check, {
    started: true,
    retrySafe: kind.retrySafe,
  })
}

type Kind = {
  code: string
  status(status: number): boolean
  words: RegExp
  summary(agent: string): string
  check: string
  retrySafe: boolean
}

const unknown: Kind = {
  code: 'model_failed',
  status: () => true,
  words: /^/,
  summary: (agent) => `${agent} got no answer from its model`,
  check: 'The end of its log says more. Try again; if it stays, look at the provider’s status page.',
  retrySafe: true,
}

const kinds: readonly Kind[] = [
  {
    code: 'model_key_refused',
    status: (status) => status === 401 || status === 403,
    words: /unauthori[sz]ed|invalid.{0,20}api.?key|authentication/i,
    summary: () => 'The model provider refused the key',
    check: 'Look at the key with `vpd credentials`, and set a valid one with `vpd credentials set model PROVIDER`.',
    retrySafe: false,
  },
  {
    code: 'model_overloaded',
    status: (status) => status === 429 || status === 529 || status === 503,
    words: /overloaded|rate.?limit|too many (?:requests|failed attempts)|high demand/i,
    summary: () => 'The model provider is overloaded or limits how often it is asked',
    check: 'Try again later; the step began nothing that needs to be undone.',
    retrySafe: true,
  },
  {
    code: 'model_not_found',
    status: (status) => status === 404,
    words: /model.{0,80}(?:not found|does not exist)/i,
    summary: () => 'The model provider does not know the model',
    check: 'Choose another model for this agent on the runner.',
    retrySafe: false,
  },
  {
    code: 'model_stream_broken',
    status: () => false,
    words:
      /stream (?:disconnected|closed)|before (?:completion|response\.completed)|connection (?:closed|reset)|truncated/i,
    summary: () => 'The answers of the model broke off before they were complete',
    check: 'Try again; if it stays, look at the network of the runner and at the provider’s status page.',
    retrySafe: true,
  },
]
