/** How is GitHub asked with a token? (An App's is got by whoever opens the connection.) */
import type { Outside } from '../outside.ts'
import type { Connection } from '../port.ts'
import { askWith, type Ask } from './rest.ts'

/** Asks below the API's address. Throws NotSent or NoWholeAnswer. */
export const askerFor =
  ({ settings, secrets }: Pick<Connection, 'settings' | 'secrets'>, outside: Outside): Ask =>
  (method, path, { body, etag, timeoutMillis } = {}) =>
    askWith({ settings, token: secrets['token'] ?? '' }, outside, method, path, {
      ...(body === undefined ? {} : { body }),
      ...(etag === undefined ? {} : { etag }),
      ...(timeoutMillis === undefined ? {} : { timeoutMillis }),
    })
