/** How does an action, a message that is kept or a look get a token where the connection is an App's? Before it begins, as a short one of the App's installation. */
import { ending, looking } from '@viewportai/core/tools/ended'
import type { Outside } from '@viewportai/core/tools/outside'
import type { Action, Connection, Sees, StatusKeeper } from '@viewportai/core/tools/port'
import { isApp, tokenOf } from './app-token.ts'

/** The same action, for connections of either kind. An App that gets no token is how the effect went. */
export const withToken = (action: Action): Action => ({
  ...action,
  look: (effect, connection, outside) =>
    looking(async () => action.look(effect, await tokened(connection, outside), outside)),
  carryOut: (effect, connection, outside) =>
    ending(async () => action.carryOut(effect, await tokened(connection, outside), outside)),
})

/** The same message. */
export const keepingWithToken = (keeper: StatusKeeper): StatusKeeper => ({
  ...keeper,
  look: (effect, connection, outside) =>
    looking(async () => keeper.look(effect, await tokened(connection, outside), outside)),
  write: (effect, connection, outside) =>
    ending(async () => keeper.write(effect, await tokened(connection, outside), outside)),
  rewrite: (effect, message, connection, outside) =>
    ending(async () => keeper.rewrite(effect, message, await tokened(connection, outside), outside)),
})

/** The same look. Throws when an App gets no token. */
export const seeingWithToken =
  (sees: Sees): Sees =>
  async (about, connection, outside) =>
    sees(about, await tokened(connection, outside), outside)

const tokened = async (connection: Connection, outside: Outside): Promise<Connection> =>
  isApp(connection) ? { ...connection, secrets: { token: await tokenOf(connection, outside) } } : connection
