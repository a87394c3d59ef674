/** How does the agent get its documents? Resolved from the caches, kept as evidence, laid into a folder beside its clone, and reported. */
import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import type { ContextItem } from '@viewportai/core/run/facts'
import type { AgentJob } from '@viewportai/core/wire/job'
import type { GivenContext } from '../agent/driver.ts'
import { resolveContext } from '../context/resolve.ts'
import type { PinnedRepo } from './job-repos.ts'
import type { Port } from './port.ts'

export type Given = {
  readonly items: readonly GivenContext[]
  readonly missing: readonly { wish: string; why: string }[]
}

/** Resolves the job's wishes and reports `context`. No wishes: nothing is reported. */
export const giveContext = async (
  port: Port,
  job: AgentJob,
  pinned: readonly PinnedRepo[],
  folder: string,
): Promise<Given> => {
  if (job.context.length === 0) return { items: [], missing: [] }
  const sources = pinned.map(({ repo, cache, commit }) => ({ repo: repo.name, gitDir: cache.dir, commit }))
  const question = [
    job.event.subject.title,
    job.event.text,
    job.prompt ?? '',
    ...job.feedback.map((one) => one.text),
  ].join('\n')
  const { items, missing, tokens } = await resolveContext(job.context, sources, question, job.contextTokens)
  await mkdir(folder, { recursive: true })
  const given: GivenContext[] = []
  const reported: ContextItem[] = []
  for (const { text, ...item } of items) {
    const file = path.join(folder, `${item.id}.md`)
    await writeFile(file, text)
    const { digest } = await port.evidence.put(port.lease.run, 'context', 'text/plain', Buffer.from(text))
    reported.push({ ...item, digest }) // of what is kept, so that it can be looked at
    given.push({ id: item.id, title: item.title, path: `${item.repo}/${item.path}`, lines: item.lines, file, text })
  }
  await port.report({ type: 'context', items: reported, missing: [...missing], tokens })
  return { items: given, missing }
}
