/** How is GitHub asked for a connection? With its token, or with an App's. */
import type { Outside } from '@viewportai/core/tools/outside'
import type { Connection } from '../port.ts'
import { tokenOf } from './app-token.ts'
import { askWith, type Ask } from '@viewportai/core/tools/github/rest'

/** Asks below the API's address. Throws NotSent or NoWholeAnswer, and TokenRefused when an App gets no token. */
export const askerFor =
  (connection: Pick<Connection, 'settings' | 'secrets'>, outside: Outside): Ask =>
  async (method, path, { body, etag, timeoutMillis } = {}) => {
    const token = await tokenOf(connection, outside)
    return askWith({ settings: connection.settings, token }, outside, method, path, {
      ...(body === undefined ? {} : { body }),
      ...(etag === undefined ? {} : { etag }),
      ...(timeoutMillis === undefined ? {} : { timeoutMillis }),
    })
  }
