/** How is GitHub asked with a token? (An App's is got by whoever opens the connection.) */
import type { Outside } from '../outside.ts'
import { onlyThere } from '../place.ts'
import type { Connection } from '../port.ts'
import { askWith, type Ask } from './rest.ts'
import { good } from './went.ts'

/** Asks below the API's address, and writes nothing where a repository's name means another one than it did. Throws NotSent, NoWholeAnswer or Ended. */
export const askerFor = ({ settings, secrets }: Pick<Connection, 'settings' | 'secrets'>, outside: Outside): Ask => {
  const ask: Ask = (method, path, { body, etag, timeoutMillis } = {}) =>
    askWith({ settings, token: secrets['token'] ?? '' }, outside, method, path, {
      ...(body === undefined ? {} : { body }),
      ...(etag === undefined ? {} : { etag }),
      ...(timeoutMillis === undefined ? {} : { timeoutMillis }),
    })
  const look = async (repo: string): Promise<string> => {
    const { id } = good(await ask('GET', `/repos/${repo}`), 'see which repository it is', 'read') as { id?: unknown }
    return String(id)
  }
  return onlyThere(settings, (path) => /^\/repos\/([^/]+\/[^/?]+)/.exec(path)?.[1] ?? null, look, ask)
}
