// Many runs with random faults on one ground, and what came of them.
import { conduct } from './conductor.ts'
import { makeGround } from './ground.ts'
import { leaksOn } from './leaks.ts'
import { planOf, type Choice } from './plan.ts'
import { playerOn, type Played } from './play.ts'
import { processesOf } from '../../testing/processes.ts'
import { summaryOf, type Came } from './summary.ts'

export type Told = Came & { summary: string }

/** `next`: the seed of the n-th run, or null when there are no more. `keep`: the folders stay when something broke. */
export async function tryFaults(
  options: Choice & {
    next(n: number): number | null
    atOnce: number
    keep?: boolean
    say(line: string): void
  },
): Promise<Told> {
  const { next, atOnce, say } = options
  const began = performance.now()
  const ground = await makeGround((options.real ?? 0) > 0)
  const conductor = conduct(ground)
  const player = playerOn(ground, conductor)
  const played: Played[] = []
  let count = 0
  let kept = false
  try {
    say(
      `The ground stands after ${seconds(began)} s: one control plane, one relay, ${ground.runners.length} runners${ground.runners.some(({ disk }) => disk) ? '' : ' (no small disk could be mounted: no full disk is tried)'}.`,
    )
    const worker = async (): Promise<void> => {
      for (;;) {
        const seed = next(count)
        if (seed === null) return
        count++
        const one = await player.play(seed, options).catch((error: unknown) => notPlayed(seed, error, options))
        played.push(one)
        for (const words of one.broke)
          say(
            `seed ${seed}, run ${one.number} (${one.fell.join(', ')}): ${words}\n  again: npm run faults -- --seed ${seed}`,
          )
        if (played.length % 25 === 0)
          say(
            `${played.length} runs after ${seconds(began)} s, ${played.filter((each) => each.broke.length).length} broke`,
          )
      }
    }
    await Promise.all(Array.from({ length: atOnce }, worker))
    await conductor.settled()
    player.stop()
    const codes = await Promise.all(
      ground.runners.map(async ({ name, program }) => [name, await program.end()] as const),
    )
    const leaks = await leaksOn(ground)
    const relayEnded = await ground.relay.end()
    const ended = await ground.server.end()
    const left = [ground.place, ...ground.runners.map(({ place }) => place)].flatMap(
      ({ folder }) => processesOf(folder).filter(({ words }) => !words.includes('/scripted-model/')), // the harness's own, until it closes its ground
    )
    await ground.proxy.close()
    const broke = [
      ...played.flatMap((one) => one.broke.map((words) => `seed ${one.seed}: ${words}`)),
      ...ground.troubles,
      ...leaks,
      ...codes.filter(([, code]) => code !== 0).map(([name, code]) => `the runner ${name} ended with ${code}`),
      ...(relayEnded === 0 ? [] : [`the relay ended with ${relayEnded}`]),
      ...(ended === 0 ? [] : [`the control plane ended with ${ended}`]),
      ...left.map(({ words }) => `I4 at the very end: ${words.slice(0, 200)}`),
    ]
    kept = options.keep === true && broke.length > 0
    if (kept)
      say(`kept: ${[ground.place, ...ground.runners.map(({ place }) => place)].map(({ folder }) => folder).join(' ')}`)
    const byRelay = ground.proxy.passed.filter(({ sealed, lease }) => sealed && lease !== null).length
    const came = { played, broke, byRelay, millis: performance.now() - began }
    return { ...came, summary: summaryOf(came) }
  } finally {
    player.stop()
    if (!kept) {
      ground.close()
      await ground.proxy.close().catch(() => {})
    }
  }
}

const notPlayed = (seed: number, error: unknown, choice: Choice): Played => ({
  seed,
  plan: planOf(seed, choice),
  number: 0,
  fell: [],
  broke: [`it could not be played: ${String(error)}`],
  millis: 0,
  asked: 0,
  attempts: 0,
})

const seconds = (since: number): string => ((performance.now() - since) / 1_000).toFixed(1)
