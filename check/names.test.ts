import { expect, test } from 'vitest'

import { emptyPath, emptyWordIn } from './names.ts'

test.each([
  ['RunManager', 'Manager'],
  ['eventData', 'Data'],
  ['Utils', 'Util'],
  ['URLHandler', 'Handler'],
  ['database', undefined],
  ['Database', undefined],
  ['dataFolder', undefined],
  ['serviceWorker', undefined],
  ['Informed', undefined],
])('the empty word in %s is %s', (name, word) => {
  expect(emptyWordIn(name)).toBe(word)
})

test.each([
  ['server/src/run-manager.ts', /"Manager"/],
  ['server/src/info.test.ts', /"Info"/],
  ['web/src/helpers/date.ts', /"helpers" is a drawer/],
  ['core/src/common.ts', /"common" is a drawer/],
  ['server/src/runService.ts', /"Service"/],
])('%s is badly named', (path, wrong) => {
  expect(emptyPath(path)).toMatch(wrong)
})

test.each(['server/src/database.ts', 'web/src/service-worker.ts', 'server/src/data-folder.ts'])(
  '%s is fine',
  (path) => {
    expect(emptyPath(path)).toBeUndefined()
  },
)
