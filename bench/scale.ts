/** What do thousands of waiting runs cost in memory and in the time of the inbox? */
import { against, ms, percentile, type Figure } from './figures.ts'
import { pss, treeOf } from './memory.ts'
import { sender } from './requests.ts'
import { makeWaiting } from './waiting-runs.ts'
import type { Place } from './place.ts'

const megabytes = (bytes: number): string => `${(bytes / 1_048_576).toFixed(1)} MB`
const node = (place: Place): number => pss(treeOf(place.child.pid!))

/** Figures at each of these numbers of waiting runs. */
export const scaleFigures = async (place: Place, steps: readonly number[]): Promise<Figure[]> => {
  const figures: Figure[] = []
  const { send, close } = sender(place.url, 1)
  const inbox = async (): Promise<number> => {
    const answer = await send('GET', '/api/inbox', { authorization: `Bearer ${place.token}` }, null)
    if (answer.status !== 200) throw new Error(`inbox answered ${answer.status}`)
    return answer.millis
  }
  for (let n = 0; n < 20; n++) await inbox()
  const before = node(place)
  let have = 0
  for (const want of steps) {
    const { millisPerRun } = await makeWaiting(place, want - have, have)
    have = want
    const times: number[] = []
    for (let n = 0; n < 220; n++) times.push(await inbox())
    const grown = node(place) - before
    figures.push(
      against(
        `inbox page with ${want.toLocaleString('en')} waiting runs, p95`,
        percentile(times.slice(20), 0.95),
        15,
        ms,
        {
          note: `median ${ms(percentile(times.slice(20), 0.5))}; three facts and a gate took the ledger ${ms(millisPerRun)} per run, 50 runs a transaction`,
        },
      ),
    )
    figures.push(
      against(
        `memory of the control plane per run, ${want.toLocaleString('en')} waiting`,
        Math.max(0, grown) / want,
        200,
        (bytes) => `${Math.round(bytes)} bytes`,
        { note: `grown by ${megabytes(grown)} since the start, most of it from answering requests` },
      ),
    )
  }
  close()
  return figures
}
