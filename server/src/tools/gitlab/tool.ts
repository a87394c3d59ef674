/** GitLab: a token; webhooks, and asking where no webhook reaches us; merge requests, comments and what belongs to them. */
import { actions } from '@viewportai/core/tools/gitlab/actions'
import type { Tool } from '../port.ts'
import { again } from './again.ts'
import { check } from './check.ts'
import { accountsAt, fields } from '@viewportai/core/tools/gitlab/fields'
import { poll } from './poll.ts'
import { lookUp } from './look-up.ts'
import { read } from './read.ts'
import { samples } from './samples.ts'
import { sight } from '@viewportai/core/tools/gitlab/sight'
import { touches } from './touches.ts'
import { status } from '@viewportai/core/tools/gitlab/status'
import { hook } from './verify.ts'

export const gitlab: Tool = {
  title: null,
  fields,
  hookWords:
    'At GitLab, in the settings of the project or group, add a webhook: URL {url}, the secret of this connection as its signing token (older servers: as its secret token), and the triggers that your workflows listen to (docs/integrations/gitlab.md lists them).',
  check,
  lookUp,
  hook,
  accountsAt,
  read,
  again,
  poll,
  sight,
  touches,
  samples,
  actions,
  status,
}
