/** Linear: issues come in by webhooks or by asking; comments, moves, assignments and new issues go out. */
import { actions } from '@viewportai/core/tools/linear/actions'
import type { Tool } from '../port.ts'
import { again } from './again.ts'
import { check } from './check.ts'
import { fields, teamsIn } from '@viewportai/core/tools/linear/fields'
import { poll } from './poll.ts'
import { lookUp } from './look-up.ts'
import { read } from './read.ts'
import { status } from '@viewportai/core/tools/linear/status'
import { samples } from './samples.ts'
import { hook } from './verify.ts'

export const linear: Tool = {
  title: 'Linear',
  fields,
  hookWords:
    'In Linear: Settings, API, New webhook. URL {url}; data change events: Issues and Comments. Give its signing secret to this connection.',
  check,
  lookUp,
  hook,
  read,
  again,
  narrows(connection) {
    const values = teamsIn(connection)
    // A team may be named by its key there; events tell its name.
    return values.length === 0 || values.some((name) => /^[A-Z][A-Z0-9]{0,6}$/.test(name))
      ? []
      : [{ setting: 'teams', field: 'team', values }]
  },
  poll,
  samples,
  actions,
  status,
}
