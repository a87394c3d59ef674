/** Are the rows that stand beside the facts made anew when they would be written otherwise? */
import { digestOf } from '@viewportai/core/digest/canonical'
import { evolve } from '@viewportai/core/run/evolve'
import { foldVersion } from '@viewportai/core/run/fold-version'
import type { RunState } from '@viewportai/core/run/state'
import { longStory } from '@viewportai/core/run/testing/long-story'
import { expect, test } from 'vitest'
import { approverRows, changeRow, effectRows, gateRow, runRow, stuckRows, watchRow, workRows } from './reading.ts'

/** For each `foldVersion` the digest of the rows after every fact of core's long story. Lines are added, never changed. */
const rowsOf: Record<number, string> = {
  1: '65a2fd7a7a2336d9a5a56be51c7ab4f01ce6dee8a6404015340033324e3759cc',
  2: '7229dd5b46e3071cd58d14d02d8259811e85782a606684fff88a1e57ad9ff7df',
  3: 'f262404d9b932977ef94be0ea4638de39a38542d27666226735cfdd652edba99',
  4: 'c66d28f8ee6411acd7c913cfcfd2f8e40e7121f5751de53d7bf541e23398095f',
  5: '6e2a4200bf37d7f24b508dd24555c467dd6456e3ef65c5095066a71ff6cdd7fe',
  6: 'd6879e93abde7acbcb95c2e65e17be82590d90dc91a0dd4a3dd5719c86cdc3b1',
  7: 'ec7b07427219f9250483e70e527ba0d369bed5a1a6aea0486dc5febd7b1123a6',
  8: '24180d680f3216e1507f49c074e0e40c7bfcf390f35649957d79d525ef218170',
  9: '24180d680f3216e1507f49c074e0e40c7bfcf390f35649957d79d525ef218170', // the place of a merge request of GitLab, of which the story tells nothing
  10: '24180d680f3216e1507f49c074e0e40c7bfcf390f35649957d79d525ef218170', // the wall of what works before a plan, and of a rehearsal, of which the story tells nothing
  11: 'd7e7dd59e8afc889503316a833baa6113a8402ddbc8d4e583768500014074389', // the branch that a run writes
  12: 'd7e7dd59e8afc889503316a833baa6113a8402ddbc8d4e583768500014074389', // how often a head's checks went otherwise, and whether what was merged was approved, of which these rows tell nothing
  16: '1222f510dd3b0702d6bffa0f26748350d0b9e4748ef22e9b76dc9d844e3eaf32', // whose word a merge is, of which these rows tell nothing
  17: '1222f510dd3b0702d6bffa0f26748350d0b9e4748ef22e9b76dc9d844e3eaf32', // by which job CI told, and what it told before a push was known, of which these rows tell nothing
  13: '1222f510dd3b0702d6bffa0f26748350d0b9e4748ef22e9b76dc9d844e3eaf32', // what CI told by itself: the story is one fact longer
  14: '1222f510dd3b0702d6bffa0f26748350d0b9e4748ef22e9b76dc9d844e3eaf32', // through which connection an effect went, of which these rows tell nothing
  15: '1222f510dd3b0702d6bffa0f26748350d0b9e4748ef22e9b76dc9d844e3eaf32', // by which runner a note was told, of which these rows tell nothing
}

test('rows that read otherwise have another fold version', () => {
  const rows: unknown[] = []
  let state: RunState | null = null
  for (const fact of longStory()) {
    state = evolve(state, fact)
    const { state: _, spec: __, fold: ___, shown, ...run } = runRow(state) // the state is watched in core
    const gates = Object.values(state.gates)
    rows.push([
      { ...run, shown: JSON.parse(shown) },
      state.seq % 10 === 0 || state.finished
        ? gates.map((gate) => {
            const row = gateRow(state!, gate)
            return { ...row, shown: JSON.parse(row.shown) }
          })
        : [],
      gates.flatMap(approverRows),
      workRows(state),
      changeRow(state),
      effectRows(state),
      watchRow(state),
      stuckRows(state).map((row) => ({ ...row, shown: JSON.parse(row.shown) })),
    ])
  }
  const digest = digestOf(JSON.parse(JSON.stringify(rows)))
  expect(
    digest,
    `The recorded facts are read into other rows than fold version ${foldVersion} made. Boards and inboxes of installations would show ` +
      `the old rows after an upgrade. Raise foldVersion in core/src/run/fold-version.ts by one, unless this release has raised it ` +
      `already, and write the line for it here: '${digest}'. Change no line of a version that is released.`,
  ).toBe(rowsOf[foldVersion])
})
