/** Why did Codex's turn fail? */
import type { WorkFailed } from '../work/failure.ts'
import type { TurnError } from './codex-messages.ts'
import { modelFailure } from './model-failure.ts'

/** Codex's own names for what a provider did, as the HTTP status they stand for. */
const statusOf: Readonly<Record<string, number>> = {
  unauthorized: 401,
  usageLimitExceeded: 429,
  rateLimitExceeded: 429,
  serverOverloaded: 529,
  modelNotFound: 404,
}

/** The failure that the error of a turn says. */
export const codexFailure = (agent: string, { message, codexErrorInfo, additionalDetails }: TurnError): WorkFailed =>
  modelFailure(agent, statusIn(codexErrorInfo, message), [message, additionalDetails].filter(Boolean).join(' '))

const statusIn = (info: unknown, message: string): number | null => {
  if (typeof info === 'string' && Object.hasOwn(statusOf, info)) return statusOf[info] ?? null
  if (typeof info === 'object' && info !== null)
    for (const value of Object.values(info) as unknown[]) {
      const status: unknown =
        typeof value === 'object' && value !== null && 'httpStatusCode' in value ? value.httpStatusCode : null
      if (typeof status === 'number') return status
    }
  const told = /\bstatus (\d{3})\b/.exec(message)?.[1]
  return told === undefined ? null : Number(told)
}
