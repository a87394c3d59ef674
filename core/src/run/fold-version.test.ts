/** Are kept states made anew when their shape or their meaning changes? A fixed story of every kind of fact is folded and compared. */
import { expect, test } from 'vitest'
import { digestOf } from '../digest/canonical.ts'
import { evolve } from './evolve.ts'
import { factSchemas } from './facts.ts'
import { foldVersion } from './fold-version.ts'
import { longStory } from './testing/long-story.ts'
import type { RunState } from './state.ts'

/** For each `foldVersion` the digest of the states after every fact of the story. Lines are added, never changed. */
const folded: Record<number, string> = {
  1: 'fcfb61d61389657c1d6d1db13d51b5f2e6e937aca24ad6e293c23da2e8868097',
  2: 'fcfb61d61389657c1d6d1db13d51b5f2e6e937aca24ad6e293c23da2e8868097',
  3: 'fcfb61d61389657c1d6d1db13d51b5f2e6e937aca24ad6e293c23da2e8868097',
  4: 'eb79824491c59261ba26b5457e18c4e2419a8a16b041a17c5b2c5934909fa52f',
  5: 'a61e83c48edd7592b92e7afb69ee67b6b7e781fb0caed1f3c3a59184db91ee89',
  6: '5fd0a67007c6bd438b4c5f1c7ad5f243679a75f29fd01776b38450fd79f77452',
  7: '28a480483c08aabaf2f8f8add41549501f43426a3e5f69283bd1d04a934d604e',
  8: 'fd534d302158f2b98c1d673c7637ff6a40f8c52668673c047e3a4577b527e7cb',
  9: 'fd534d302158f2b98c1d673c7637ff6a40f8c52668673c047e3a4577b527e7cb',
  10: 'fd534d302158f2b98c1d673c7637ff6a40f8c52668673c047e3a4577b527e7cb',
  11: 'fd534d302158f2b98c1d673c7637ff6a40f8c52668673c047e3a4577b527e7cb',
  12: 'de348f891ae1fd19f911044b3b93746da523d754c3c70bf8fa777bb78bc047a3',
  13: '8b611596f1cbd287630678daa0a07a29567ad82e8b60850d99218cddab20b90d',
  14: '171d16895704c24738f76ada2da935fc0dac951763b56e0eb0ccaffa6394b1cf',
  15: '171d16895704c24738f76ada2da935fc0dac951763b56e0eb0ccaffa6394b1cf', // by which runner a note was told, which the story does not tell
  16: '2529cb6d9f7aa1fd141535101fb08a1d13e35a2bf7d208848673b91f6eccac24', // that a pull request was merged or closed is the word of another runner alone
  17: '70eb46ebcc09987186b2a9ada764cbb604d48c9bb7a401471bd1a1cc1c5418a7', // by which job of which connection CI told, and what it told before a push was known
}

test('the story tells every kind of fact', () => {
  expect(
    new Set(longStory().map((fact) => fact.type)),
    'A new kind of fact: tell it in core/src/run/testing/long-story.json, before the last one, and raise foldVersion.',
  ).toEqual(new Set(Object.keys(factSchemas)))
})

test('a state that reads otherwise has another fold version', () => {
  const states: unknown[] = []
  let state: RunState | null = null
  for (const fact of longStory()) {
    state = evolve(state, fact)
    states.push(JSON.parse(JSON.stringify({ ...state, spec: null })))
  }
  const digest = digestOf([...states, state!.spec])
  expect(
    digest,
    `The recorded facts fold into other states than fold version ${foldVersion} made. States that installations keep would be read ` +
      `in the old shape after an upgrade. Raise foldVersion in core/src/run/fold-version.ts by one and add a line for it here: ` +
      `'${digest}' (and one in server/src/ledger/reading.test.ts). Change no line of a version that is released.`,
  ).toBe(folded[foldVersion])
})

test('every version has its line', () => {
  expect(Object.keys(folded)).toEqual(Array.from({ length: foldVersion }, (_, i) => String(i + 1)))
})
