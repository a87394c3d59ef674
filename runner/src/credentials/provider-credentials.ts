/**
 * Which credentials of tools lie on this machine, so that what is done with them is done here?
 * Each belongs to one address and is sent to no other; its owner says for which actions. The control plane learns where it belongs and whose it
 * is, never the secret.
 */
import { actingAt, type Acting } from '@viewportai/core/tools/acting'
import type { Connection } from '@viewportai/core/tools/port'
import { chosen, placeOf, type Holding, type Needed } from '@viewportai/core/wire/holding'
import { failed } from '../work/failure.ts'
import { keysOf, type KeptKey } from './model-keys.ts'
import type { ProviderSetup } from './provider-setup.ts'

/** `github`, or `github/NAME`: for the connection of that name alone. */
export const scopeForm = /^([a-z]{1,40})(?:\/([A-Za-z0-9][A-Za-z0-9 ._-]{0,39}))?$/

/** A scope's parts, with what acting at its tool takes; null: there is no such tool. */
export const readScope = (
  scope: string,
): { readonly tool: string; readonly connection: string | null; readonly acting: Acting } | null => {
  const [, tool = '', connection = null] = scopeForm.exec(scope) ?? []
  const acting = actingAt(tool)
  return acting && { tool, connection, acting }
}

/** A credential that is kept, with what is told of it. `key.value` null: it cannot be had. */
export type KeptCredential = Holding & { readonly key: KeptKey }

/** All of them. Throws KeysUnusable. */
export const providerCredentials = async (home: string): Promise<KeptCredential[]> =>
  (await keysOf(home, 'provider')).flatMap((key) => {
    const scope = readScope(key.name)
    if (!scope) return []
    const { tool, connection } = scope
    return [{ tool, connection, at: placeOf(key.url ?? ''), actions: [...key.actions], account: key.account, key }]
  })

/** What the control plane is told: of those that can be had, never a value. */
export const holdings = async (home: string): Promise<Holding[]> =>
  (await providerCredentials(home).catch(() => [])).flatMap(({ key, ...told }) => (key.value === null ? [] : [told]))

/** A connection with its secret open, and its scope here. `settings`: what the work says of it; where it leads, only this machine says. */
export const openCredential = async (
  setup: ProviderSetup | undefined,
  needed: Needed,
  told: Pick<Connection, 'id' | 'settings'>,
): Promise<{
  readonly connection: Connection
  readonly at: string
  readonly scope: string
  readonly acting: Acting
}> => {
  const found = chosen(setup ? await providerCredentials(setup.home) : [], needed)
  if ('lacks' in found) throw missing(needed, `it has not ${found.lacks}`)
  const { key, at, account, tool } = found
  if (key.value === null) throw missing(needed, key.why ?? 'no reason')
  const acting = actingAt(tool)!
  setup!.learn?.([{ name: `provider ${key.name}`, value: key.value }])
  const user = acting.user === null ? {} : { [acting.user]: key.user ?? '' }
  return {
    at,
    scope: key.name,
    acting,
    connection: {
      id: told.id,
      name: needed.connection,
      settings: { ...told.settings, ...user, [acting.at]: at },
      secrets: { [acting.secret]: key.value },
      account,
    },
  }
}

const missing = ({ tool, action }: Needed, why: string) =>
  failed(
    'policy',
    'credential_missing',
    `This runner cannot do ${action}: ${why}.`,
    `Keep the credential on it: \`vpd credentials set provider ${tool}\`; then try again.`,
    { retrySafe: true },
  )
