/** What is a person told before anything starts? What will happen, what it may cost, and what leaves the machine: nothing that is not known. */
import type { Looked, LookedAgent } from '@viewportai/core/try/looked'
import type { PastCost } from '@viewportai/core/try/past-cost'
import { installsShut, shutWords } from '@viewportai/core/try/installs'
import { checksWords, costWords, courseWords, leavesWords, wallWords, writesWords } from '@viewportai/core/try/words'
import { columns, inLine, type Terminal } from '../cli/terminal.ts'
import type { OwnRepository } from './repository.ts'

export type Intent = {
  readonly repository: OwnRepository
  readonly task: string
  readonly agent: LookedAgent
  readonly looked: Looked
  /** Commands named on the command line, in the place of the repository's own. */
  readonly checks: readonly string[]
  readonly budgetUsd: number
  readonly dataFolder: string
  readonly runnerHome: string
  /** What runs with this agent cost in the workspace; null: no control plane runs that could tell. */
  readonly past: PastCost | null
}

export const showIntent = (terminal: Terminal, intent: Intent): void => {
  const { repository, task, agent, looked, dataFolder, runnerHome } = intent
  const shut = installsShut(intent)
  const rows: [string, string][] = [
    ['Task', inLine(task)],
    ['Repository', `${inLine(repository.folder)}, ${inLine(repository.branch)} at ${repository.commit.slice(0, 10)}`],
    ...repository.notes.map((note): [string, string] => ['', terminal.paint('wait', note)]),
    [
      'Remotes',
      repository.remotes.length === 0
        ? 'none'
        : `${repository.remotes.join(', ')}; nothing is fetched from or pushed to them`,
    ],
    [
      'Agent',
      `${agent.name}${agent.version === null ? '' : ` ${inLine(agent.version)}`}${agent.path === null ? '' : `, ${inLine(agent.path)}`}`,
    ],
    ['Checks', inLine(checksWords(intent, '--check "COMMAND" names one'))],
    ...(shut === null ? [] : [['', terminal.paint('wait', inLine(shutWords(shut)))] as [string, string]]),
    ['Wall', wallWords(looked)],
    ['Cost', inLine(costWords(intent))],
    ['Leaves', inLine(leavesWords(intent))],
    ['Writes', writesWords],
    ['', `its own files: ${inLine(dataFolder)} and ${inLine(runnerHome)}`],
  ]
  terminal.line()
  for (const row of columns(rows, '  ')) terminal.line(row)
  terminal.line()
  terminal.line(`  ${courseWords}`)
}
