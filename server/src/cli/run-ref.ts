/** Which run or gate does a word mean? `12`, `#12` and `run_…` name a run; `gate_…` a gate. */
import type { Api } from './connect.ts'
import { Stop } from './exit.ts'

/** A run as the API takes it: its number or its id. */
export const runRef = (word: string): string => {
  const bare = word.replace(/^#/, '')
  if (/^\d{1,12}$/.test(bare) || /^run_[0-9a-z]+$/.test(bare)) return bare
  throw new Stop('usage', `${word} names no run.`, 'A run is named by its number, like 12, or its id, like run_….')
}

/** A gate by its id, or the one open gate of a run. */
export const gateRef = async (api: Api, word: string): Promise<string> => {
  if (/^gate_[0-9a-z]+(-\d+)?$/.test(word)) return word
  const run = await api.run({ params: { run: runRef(word) } })
  const { open } = await api.inbox({ query: { limit: 100 } })
  const found = open.filter((item) => item.run === run.run)
  if (found.length === 1) return found[0]!.gate
  if (found.length > 1)
    throw new Stop(
      'usage',
      `Run ${run.number} asks ${found.length} things at once.`,
      `Name one of them: ${found.map((item) => item.gate).join(', ')}.`,
    )
  throw new Stop('refused', `Run ${run.number} asks you nothing now: ${run.state.words}.`, 'See `viewport inbox`.')
}
