/** What is said when a try has ended? How it ended, where the branch is, and how to look at it, merge it, throw it away. */
import type { z } from 'zod'
import type { RunView } from '@viewportai/core/api/runs'
import { whyNoCost } from '@viewportai/core/run/why-no-cost'
import { branchCommands } from '@viewportai/core/try/branch-commands'
import { inLine, type Terminal } from '../cli/terminal.ts'
import { readGit } from './git.ts'
import type { OwnRepository } from './repository.ts'

export type Result = {
  readonly run: number
  readonly outcome: string
  readonly usd: number | null
  readonly branch: { readonly ref: string; readonly commit: string } | null
}

/** What came of it, as the repository itself says it. */
export const resultOf = (view: z.infer<typeof RunView>, { folder }: OwnRepository): Result => {
  const ref = view.change?.ref ?? null
  const commit = ref === null ? null : readGit(folder, 'rev-parse', '--verify', '--quiet', `${ref}^{commit}`)
  return {
    run: view.number,
    outcome: view.outcome ?? 'open',
    usd: view.usage.usdMicros === null ? null : view.usage.usdMicros / 1_000_000,
    branch: ref !== null && commit !== null ? { ref, commit } : null,
  }
}

export const showResult = (
  terminal: Terminal,
  view: z.infer<typeof RunView>,
  { outcome, usd, branch }: Result,
  { folder, branch: base }: OwnRepository,
): void => {
  terminal.line()
  const why = view.outcomeWhy && outcome !== 'succeeded' ? `, ${inLine(view.outcomeWhy)}` : ''
  terminal.line(`${terminal.paint(outcome === 'succeeded' ? 'done' : 'stop', `Run ${view.number}: ${outcome}`)}${why}`)
  terminal.line(usd === null ? whyNoCost(view.usage) : `It cost ${usd.toFixed(2)} USD.`)
  if (!branch) return terminal.line('No branch was pushed; the repository is as it was.')
  const name = branch.ref.replace(/^refs\/heads\//, '')
  const { look, merge, throwAway } = branchCommands({ url: `file://${encodeURI(folder)}`, ref: branch.ref, into: base })
  terminal.line(`The approved change is the branch ${name} at ${branch.commit.slice(0, 10)}. Nothing else was changed.`)
  terminal.line(`  look at it      ${look}`)
  terminal.line(`  merge it        ${merge}   (on ${inLine(base)})`)
  terminal.line(`  throw it away   ${throwAway}`)
}
