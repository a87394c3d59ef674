/** GitHub: a token or an App; webhooks, and asking where no webhook reaches us; pull requests, comments and what belongs to them. */
import { actions } from '@viewportai/core/tools/github/actions'
import type { Tool } from '../port.ts'
import { again } from './again.ts'
import { check } from './check.ts'
import { accountsAt, fields } from '@viewportai/core/tools/github/fields'
import { poll } from './poll.ts'
import { read } from './read.ts'
import { samples } from './samples.ts'
import { sight } from './sight.ts'
import { touches } from './touches.ts'
import { withToken } from './with-token.ts'
import { status } from './status.ts'
import { hook } from './verify.ts'

export const github: Tool = {
  title: null,
  fields,
  hookWords:
    'At GitHub, in the settings of the repository or organisation, add a webhook: payload URL {url}, content type application/json, the secret of this connection, and the events that your workflows listen to (docs/integrations/github.md lists them).',
  check,
  hook,
  accountsAt,
  read,
  again,
  poll,
  sight,
  touches,
  samples,
  actions: Object.fromEntries(Object.entries(actions).map(([name, action]) => [name, withToken(action)])),
  status,
}
