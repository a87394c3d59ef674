import { expect, test } from 'vitest'
import { linkCommand } from './link-command.ts'

test.each([
  ['slack:T024BE7LD/U024BE7LH', 'collaborator', 'viewport people link @HANDLE slack:T024BE7LD/U024BE7LH'],
  ['github:583231', 'outsider', 'viewport people link @HANDLE github:583231'],
  ['github:583231', 'member', null], // linked already
  ['github:49699333', 'bot', null], // no person
  ['linear:external:7', 'outsider', null], // somebody of another tool, whom Linear only names
  ['tracker:42', 'outsider', null], // whether a source may speak for it is not known here
  ['', 'unknown', null],
] as const)('%s, %s', (id, trust, command) => expect(linkCommand({ id, trust })).toBe(command))
