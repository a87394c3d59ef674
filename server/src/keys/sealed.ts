/**
 * Which columns hold sealed secrets, and under which purpose?
 * The one list: whoever seals takes the purpose from here, and a restore under another key seals all of them anew.
 */
import { seal, unseal } from './box.ts'

/** Purpose of the private part of a signing key. */
export const signingKeyPurpose = (kid: string): string => `signing key ${kid}`
/** Purpose of a webhook source's secret. */
export const sourcePurpose = (source: string): string => `source ${source}`

/** Purpose of a secret that a source, or the address of a connection, had before. */
export const oldSecretPurpose = (source: string): string => `old secret of source ${source}`

/** Purpose of a secret that a webhook target was signed with before. */
export const oldTargetSecretPurpose = (connection: string): string => `old secret of target ${connection}`

/** Purpose of the secrets of a connection to an outside tool. */
export const connectionPurpose = (connection: string): string => `connection ${connection}`

/** Purpose of the key and secret of an App of GitHub that is being made. */
export const appPurpose = (setup: string): string => `github app ${setup}`

/** Table -> the sealed column, and the column that names the row in the purpose. */
export const sealedColumns: Readonly<
  Record<string, { readonly column: string; readonly named: string; readonly purpose: (name: string) => string }>
> = {
  keys: { column: 'sealed', named: 'kid', purpose: signingKeyPurpose },
  sources: { column: 'sealed', named: 'source', purpose: sourcePurpose },
  old_secrets: { column: 'sealed', named: 'source', purpose: oldSecretPurpose },
  old_target_secrets: { column: 'sealed', named: 'connection', purpose: oldTargetSecretPurpose },
  app_setups: { column: 'sealed', named: 'setup', purpose: appPurpose },
  connections: { column: 'sealed', named: 'connection', purpose: connectionPurpose },
}

/** The same secret under another key. */
export const reseal = (purpose: string, sealed: string, from: Uint8Array, to: Uint8Array): string =>
  seal(to, purpose, unseal(from, purpose, sealed))
