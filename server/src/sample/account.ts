/**
 * What is said at the end of `npm start -- --headless --yes`?
 * The run's steps, branch and receipts, and its packet, verified by the runner's own program against the control plane's key.
 */
import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import type { z } from 'zod'
import type { RunView } from '@viewportai/core/api/runs'
import type { Api } from '../cli/connect.ts'
import { save } from '../cli/packet.ts'
import { columns, inLine, lasting, type Terminal } from '../cli/terminal.ts'
import { branchOf } from './remote.ts'
import type { RunnerProgram } from './pair-runner.ts'
import { runnerCommandName } from '../up/data-folder.ts'

type Account = {
  run: z.infer<typeof RunView>
  branch: { ref: string; commit: string } | null
  packet: string
  keys: string
  verified: boolean
  verdict: string
}

/** Writes packet and keys beside the sample and verifies the packet. */
export const accountOf = async (
  api: Api,
  run: string,
  folder: string,
  remote: string,
  { command: [program, ...words], env, home }: RunnerProgram,
): Promise<Account> => {
  const view = await api.run({ params: { run } })
  const packet = path.join(folder, `run-${view.number}.packet.zip`)
  const keys = path.join(folder, 'viewport.keys.json')
  await save(await api.packet({ params: { run } }), packet)
  writeFileSync(keys, `${JSON.stringify(await api.keys(), null, 2)}\n`)
  const ref = view.change?.ref ?? null
  const commit = ref === null ? null : branchOf(remote, ref)
  const checked = await promisify(execFile)(program, [...words, 'audit', 'verify', packet, '--key', keys], {
    env,
    cwd: home,
  }).then(
    ({ stdout }) => ({ verified: true, verdict: stdout }),
    (error: { stdout?: string; stderr?: string; message: string }) => ({
      verified: false,
      verdict: `${error.stdout ?? ''}${error.stderr ?? error.message}`,
    }),
  )
  return { run: view, branch: ref !== null && commit !== null ? { ref, commit } : null, packet, keys, ...checked }
}

export const showAccount = (terminal: Terminal, { run, branch, packet, keys, verified, verdict }: Account): void => {
  terminal.line()
  terminal.line(
    `Run ${run.number}: ${inLine(run.title)}: ${run.outcome}${run.outcomeWhy ? `, ${inLine(run.outcomeWhy)}` : ''}`,
  )
  const steps = run.steps.map((step) => [
    step.id,
    inLine(step.label),
    step.startedAt !== null && step.finishedAt !== null ? lasting(step.finishedAt - step.startedAt) : '',
    inLine(step.detail),
  ])
  for (const line of columns(steps, '  ')) terminal.line(line)
  terminal.line(branch ? `Branch ${branch.ref} at ${branch.commit}` : 'No branch was pushed.')
  for (const { action, target, receipt } of run.receipts)
    terminal.line(`Receipt ${inLine(action)} on ${inLine(target)}: ${inLine(receipt.id)}`)
  terminal.line(`Packet ${packet}`)
  terminal.line(`Verify it yourself: ${runnerCommandName()} audit verify ${packet} --key ${keys}`)
  for (const line of verdict.trim().split('\n')) terminal.line(`  ${verified ? '' : '! '}${inLine(line)}`)
}
