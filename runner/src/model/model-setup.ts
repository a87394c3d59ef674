/** What has the owner of the runner set about models, and who is told when one is asked? */
import type { Secret } from '../egress/encodings.ts'
import type { OwnPrices } from './cost.ts'

/** What the owner of the runner has set about models. */
export type ModelSetup = {
  /** vpd's home, where keys are kept. */
  readonly home: string
  /** Agents whose own login may be used (`logins:` of the policy). */
  readonly logins: readonly string[]
  readonly prices: OwnPrices
  /** Patterns of models that may be used (`models:` of the policy); without it all. */
  readonly models?: readonly string[]
  /** vpd's environment, as a source of keys. */
  readonly env?: NodeJS.ProcessEnv
  /** The home in which agents keep their logins. */
  readonly userHome?: string
  /** Told of every key before it is used, so that it is kept out of all texts. */
  learn?(secrets: readonly Secret[]): void
  /** What this machine knows to be secret now; it is masked in what models are sent. */
  secrets?(): readonly Secret[]
  /** Told of every request to a provider before its bytes go; when it rejects they do not go. */
  leaves?(request: {
    /** null: vpd asks by itself, for no run. */
    readonly run: string | null
    readonly step?: string
    readonly attempt?: number
    readonly what: 'model request' | 'list of models'
    readonly to: string
    readonly bytes: number
    /** Places at which a known secret was masked. */
    readonly masked?: number
  }): Promise<void>
}
