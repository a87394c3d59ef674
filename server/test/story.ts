/** Runs at the point a test needs them: started and reported on through the ledger, with the play of core's own tests. */
import type { RunSpec } from '@viewportai/core/run/spec'
import { isAboutRun, type GateState, type RunState } from '@viewportai/core/run/state'
import { changed, checks, edited, person, planned, runner, specOf, started } from '@viewportai/core/run/testing/play'
import type { Report } from '@viewportai/core/wire/messages'
import type { Database } from '../src/database/open.ts'
import { inWorkspace } from '../src/database/tenant.ts'
import { freshId } from '../src/fresh-id.ts'
import { act, type Acted, type Asked } from '../src/ledger/act.ts'
import { loadRun } from '../src/ledger/read.ts'

export class Story {
  readonly db: Database
  readonly workspace: string
  readonly run: string

  constructor(db: Database, workspace: string, run = freshId('run')) {
    this.db = db
    this.workspace = workspace
    this.run = run
  }

  /** Whatever comes of the command. */
  doing(command: Asked): Promise<Acted> {
    return act(this.db, { workspace: this.workspace, run: this.run, command })
  }

  /** Throws when it is refused. */
  private async does(command: Asked): Promise<this> {
    const { refusal } = await this.doing(command)
    if (refusal) throw new Error(refusal.words)
    return this
  }

  start(spec: RunSpec, delivery: string | null = null): Promise<this> {
    return this.does({ do: 'start', by: { kind: 'system' }, spec, delivery, tainted: false })
  }

  async state(): Promise<RunState> {
    return (await inWorkspace(this.db, this.workspace, (tx) => loadRun(tx, this.run)))!
  }

  async report(step: string, report: Report): Promise<this> {
    const before = (await this.state()).steps[step]!
    const attempt = before.attempt + (report.type === 'started' ? 1 : 0)
    return this.does({ do: 'report', by: runner, step, attempt, epoch: attempt, report })
  }

  async finishes(step: string, report: Report): Promise<this> {
    await this.report(step, started)
    return this.report(step, report)
  }

  /** The runner's push of the approved change went well, and this commit stands on the branch. */
  async pushed(commit: string): Promise<this> {
    const push = Object.values((await this.state()).intents).findLast((one) => one.action === 'git.push')!
    const told = (report: Report) =>
      this.does({ do: 'report', by: runner, step: push.id, attempt: 1, epoch: 1, report })
    await told({ type: 'effect_started', intent: push.id, attempt: 1 })
    const receipt = { provider: 'git', id: commit, url: null, observed: { commit }, readBack: true }
    return told({ type: 'effect_succeeded', intent: push.id, attempt: 1, reconciled: false, receipt })
  }

  async gate(): Promise<GateState> {
    const gate = Object.values((await this.state()).gates).find((one) => one.state === 'open' && !isAboutRun(one))
    if (!gate) throw new Error('no gate is open')
    return gate
  }

  /** Somebody who may has read the outside text that reached the run, or lets it begin after a breaker tripped; nothing when nobody is asked. */
  async letGo(): Promise<this> {
    const gate = Object.values((await this.state()).gates).find((one) => one.state === 'open' && isAboutRun(one))
    if (!gate) return this
    return this.does({
      do: 'decide',
      gate: gate.id,
      verdict: 'answer',
      digest: gate.digest,
      person: { ...person('dana'), principals: gate.approvers },
      via: { surface: 'web', auth: 'session' },
      comment: null,
      lines: [],
      answer: { choice: 'go_on', text: null },
    })
  }

  /** A vote of one of the approvers at the open gate, or a refused one. */
  async vote(
    name: string,
    verdict: 'approve' | 'reject' | 'request_changes',
    comment: string | null = null,
  ): Promise<Acted> {
    const { id: gate, digest } = await this.gate()
    const via = { surface: 'web', auth: 'session' } as const
    return this.doing({
      do: 'decide',
      gate,
      verdict,
      digest,
      person: person(name),
      via,
      comment,
      lines: [],
      answer: null,
    })
  }
}

/** A spec whose requester is this person. */
export const specFor = (
  requester: { id: string; handle: string },
  { title = 'Prices are wrong', ...over }: Partial<RunSpec['workflow']['compiled']> & { title?: string } = {},
): RunSpec => {
  const spec = specOf(over)
  return {
    ...spec,
    event: { ...spec.event, subject: { ...spec.event.subject, title } },
    requester: { person: requester.id, actor: requester.id, name: requester.handle },
    pins: { ...spec.pins, people: { payments: [requester.id, 'usr_another'] } },
  }
}

/** A run that waits at its plan gate. */
export const atPlanGate = async (db: Database, workspace: string, spec: RunSpec): Promise<Story> =>
  (await new Story(db, workspace).start(spec)).finishes('plan', planned)

/** From an approved plan to the open gate of the change. */
export const toChangeGate = async (story: Story): Promise<Story> => {
  await story.finishes('implement', edited('one'))
  return story.finishes('verify', checks(true))
}

export { changed }
