/**
 * How is the one message of a run written or changed, and never written twice?
 * Whoever finds it begun and without a name looks for it first. The same wherever the credential lies.
 */
import type { Outside } from './outside.ts'
import type { Connection, Effect, StatusKeeper, Went } from './port.ts'

/** How it stands. `message`: by what it is changed; null: it has none. `begun`: somebody may have written it. */
export type KeptSoFar = { readonly message: string | null; readonly begun: boolean }

/** Writes or changes it. Its receipt names the message under `observed.message`. */
export const keptOnce = async (
  keeper: StatusKeeper,
  effect: Effect,
  { message, begun }: KeptSoFar,
  connection: Connection,
  outside: Outside,
): Promise<Went> => {
  if (message !== null) return keeper.rewrite(effect, message, connection, outside)
  // Begun before, and nobody knows how it ended: it is looked for, or there would be two.
  const found = begun ? await keeper.look(effect, connection, outside) : null
  if (found?.is === 'unsure') return { is: 'unsure', why: found.why }
  return found?.is === 'there'
    ? keeper.rewrite(effect, String(found.receipt.observed['message']), connection, outside)
    : keeper.write(effect, connection, outside)
}
