/** GitHub: a token or an App; webhooks, and asking where no webhook reaches us; pull requests, comments and what belongs to them. */
import { actions } from '@viewportai/core/tools/github/actions'
import type { Tool } from '../port.ts'
import { again } from './again.ts'
import { check } from './check.ts'
import { accountsAt, fields } from '@viewportai/core/tools/github/fields'
import { poll } from './poll.ts'
import { lookUp } from './look-up.ts'
import { read } from './read.ts'
import { samples } from './samples.ts'
import { sight } from '@viewportai/core/tools/github/sight'
import { touches } from './touches.ts'
import { keepingWithToken, seeingWithToken, withToken } from './with-token.ts'
import { status } from '@viewportai/core/tools/github/status'
import { hook } from './verify.ts'

export const github: Tool = {
  title: null,
  fields,
  hookWords:
    'At GitHub, in the settings of the repository or organisation, add a webhook: payload URL {url}, content type application/json, the secret of this connection, and the events that your workflows listen to (docs/integrations/github.md lists them).',
  check,
  lookUp,
  hook,
  accountsAt,
  read,
  again,
  poll,
  sight: seeingWithToken(sight),
  touches,
  samples,
  actions: Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, withToken(action)])),
  status: keepingWithToken(status),
}
