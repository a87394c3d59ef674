/** What do thousands of waiting runs cost in memory and in the time of the inbox? */
import { fillBare, startBare } from './bare.ts'
import { against, megabytes, ms, p95Of, type Figure } from './figures.ts'
import { pss, treeOf } from './memory.ts'
import { sender } from './requests.ts'
import { pause } from './until.ts'
import { makeWaiting } from './waiting-runs.ts'
import type { Place } from './place.ts'
import type { Size } from './size.ts'

/** Below this a difference between two starts of the same program says nothing (bytes). */
const noise = 4 * 1_048_576

/**
 * Figures at each of these numbers of waiting runs. Before each the program is started again, so that its memory holds what it
 * keeps for them and not what it needed once; `few` of them fill a page of the inbox already, and every start is asked for the same number of pages before it is weighed.
 */
export const scaleFigures = async (
  place: Place,
  { rounds, scale: { steps, few, warm, looks, quietSeconds } }: Size,
): Promise<Figure[]> => {
  const figures: Figure[] = []
  const bare = await startBare(place)
  const look = async (rest: { url: string; path: string; headers: Record<string, string> }): Promise<number[][]> => {
    const { send, close } = sender(rest.url, 1)
    const times: number[][] = []
    for (let round = 0; round <= rounds; round++) {
      const mine: number[] = []
      for (let n = 0; n < (round === 0 ? warm : looks); n++) {
        const answer = await send('GET', rest.path, rest.headers, null)
        if (answer.status !== 200) throw new Error(`${rest.path} answered ${answer.status}`)
        mine.push(answer.millis)
      }
      if (round > 0) times.push(mine) // the first round warms
    }
    close()
    return times
  }
  const inbox = () => look({ url: place.url, path: '/api/inbox', headers: { authorization: `Bearer ${place.token}` } })
  const weigh = async (): Promise<number> => {
    await place.again()
    await inbox()
    await pause(quietSeconds * 1_000)
    return pss(treeOf(place.child.pid!))
  }
  let have = few
  await makeWaiting(place, have)
  await fillBare(place, 0, have)
  const least = await weigh()
  for (const want of steps) {
    const { millisPerRun } = await makeWaiting(place, want - have, have)
    await fillBare(place, have, want)
    have = want
    const own = await weigh()
    const words = want.toLocaleString('en')
    figures.push(
      p95Of(`inbox page, ${words} waiting runs, p95`, await inbox(), 15, {
        instead: {
          what: 'bare server, one select:',
          rounds: await look({ url: bare.url, path: '/inbox', headers: {} }),
        },
        note: `made at ${ms(millisPerRun)} per run (three facts and a gate)`,
      }),
      against(`memory for ${words} waiting runs`, Math.max(0, own - least), noise, megabytes, {
        note: `${megabytes(own)} with them, ${megabytes(least)} with ${few}, each after a start and the same requests; ${Math.round((own - least) / (want - few))} bytes per run; less than ${megabytes(noise)} is noise`,
      }),
    )
  }
  await bare.close()
  return figures
}
