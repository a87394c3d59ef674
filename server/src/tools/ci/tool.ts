/** CI, whichever it is: one line of curl tells a status or a JUnit report; a forge takes statuses and runs builds again. */
import { failed } from '@viewportai/core/tools/ended'
import { githubStatuses } from '@viewportai/core/tools/github/statuses'
import { gitlabStatuses } from '@viewportai/core/tools/gitlab/statuses'
import type { Outside } from '@viewportai/core/tools/outside'
import { isPlaceSetting } from '@viewportai/core/tools/place'
import type { Connection } from '@viewportai/core/tools/port'
import type { Tool } from '../port.ts'
import { reporting, rerunning, type Statuses } from '@viewportai/core/tools/statuses'
import { check } from './check.ts'
import { fields } from './fields.ts'
import { read } from './read.ts'
import { samples } from './samples.ts'
import { hook } from './verify.ts'

/** The forge that a connection names. Throws Ended when it names none. */
const forgeStatuses = ({ name, settings, secrets }: Connection, outside: Outside): Statuses => {
  const places = Object.fromEntries(Object.entries(settings).filter(([key]) => isPlaceSetting(key)))
  const forge = {
    settings: { ...places, base: settings['base'] ?? '' },
    secrets: { token: secrets['forge_token'] ?? '' },
  }
  if (settings['forge'] === 'github') return githubStatuses(forge, outside)
  if (settings['forge'] === 'gitlab') return gitlabStatuses(forge, outside)
  throw failed(
    'only_tells',
    `The connection ${name} to CI only tells of builds: it names no forge that would do this.`,
    'Give it one: `viewport connections change ID --set forge=github --set base=https://api.github.com --secret forge_token=FILE`.',
  )
}

export const ci: Tool = {
  title: null,
  fields,
  hookWords:
    'At the end of a job, also of a failed one, let CI send its report there, with the token and how the job ended: { cat junit.xml || true; } | curl -sS --fail-with-body -H "authorization: Bearer $VIEWPORT_CI" --data-binary @- "{url}?repo=acme/api&commit=$SHA&branch=$BRANCH&job=test&build=$BUILD&status=$STATUS" (docs/integrations/ci.md has the line for each CI).',
  check,
  hook,
  read,
  poll: null,
  sendersName: true, // two systems of CI may count builds alike
  samples,
  actions: { 'ci.report_status': reporting(forgeStatuses), 'ci.rerun': rerunning(forgeStatuses) },
}
