/**
 * May it begin, and may steps install packages?
 * Nothing has begun until one line was typed. Without a wall it takes a word, not only Enter; where checks cannot install, a word lets them.
 */
import path from 'node:path'
import { allowMeans, networkLines, type Shut } from '@viewportai/core/try/installs'
import { Stop } from '../cli/exit.ts'
import { inLine, type Terminal } from '../cli/terminal.ts'
import type { Answers } from './answers.ts'

type Ask = {
  readonly terminal: Terminal
  readonly answers: Answers
  readonly signal: AbortSignal
  readonly noWall: boolean
  /** What is in the way of installing; null: nothing. */
  readonly shut: Shut | null
  /** The folder of the runner, where its policy lies. */
  readonly vpdHome: string
}

/** Gives the hosts that the person lets steps reach, none when they leave it. Throws a `Stop` when they do not go on. */
export const askToGoOn = async (ask: Ask): Promise<readonly string[]> => {
  const { terminal, answers, signal, noWall, shut, vpdHome } = ask
  if (shut) showShut(terminal, shut, vpdHome)
  const leave = 'Ctrl-C to leave it.'
  terminal.note(
    noWall
      ? `There is no wall around the agent on this machine. Type "accept" to let it work all the same; ${leave}`
      : shut
        ? `Type "${shut.words.join(' ')}" to write that and go on, Enter alone to go on without, ${leave}`
        : `Press Enter to go on, ${leave}`,
  )
  const said = await answers.next(signal)
  signal.throwIfAborted()
  if (said === null || said === undefined)
    throw new Stop('refused', 'Nobody answered, so nothing was started.', 'Run it in a terminal and press Enter.')
  const meant = meantBy(said, { noWall, shut })
  if (meant !== null) return meant
  throw new Stop(
    'refused',
    'Nothing was started.',
    noWall ? null : shut ? `Press Enter alone, or type ${shut.words.join(' ')}.` : 'Press Enter alone to go on.',
  )
}

/** Only the words that were offered allow anything, so that no typing error does. Null: the line does not say to go on. */
export const meantBy = (said: string, { noWall, shut }: Pick<Ask, 'noWall' | 'shut'>): readonly string[] | null => {
  const words = said.trim().split(/\s+/).filter(Boolean)
  if (noWall) return words.join(' ') === 'accept' ? [] : null
  if (words.length === 0) return []
  return shut && words.every((one) => shut.words.includes(one)) ? [...new Set(words)] : null
}

const showShut = (terminal: Terminal, { words }: Shut, vpdHome: string): void => {
  terminal.line()
  terminal.line(`  Steps can be let reach them by these lines in ${inLine(path.join(vpdHome, 'policy.yaml'))}:`)
  for (const line of networkLines(words)) terminal.line(`    ${inLine(line)}`)
  if (words.includes('registries'))
    terminal.line('  registries: where npm, yarn, pip, go, cargo, composer, maven and others get packages.')
  terminal.line(`  ${allowMeans}`)
}
