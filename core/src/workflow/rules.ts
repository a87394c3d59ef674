/**
 * Is the workflow as a whole sound and safe?
 * Code and what agents write are shown to others only behind a gate or when the file says that nobody is asked; what anyone may start cannot write. It never asks what exists.
 */
import { actionForm } from '../action/actions.ts'
import { eventForm } from '../event/tools.ts'
import type { ActionStep, RepoUse, Step, Trigger } from './compiled.ts'
import { isDraftFirst } from '../run/draft-first.ts'
import { buildsOn } from './builds-on.ts'
import type { Order } from './lower/order.ts'
import type { Mistakes, Path } from './mistakes.ts'
import { toldBy } from './told-steps.ts'

export type Whole = {
  triggers: { trigger: Trigger; path: Path }[]
  repos: RepoUse[]
  steps: Step[]
  order: Order
  /** Does the file list its approvals itself? Then a gate that is not in it is left out on purpose. */
  approvalsSaid: 'none' | 'listed' | 'unsaid'
  explicit: boolean
  reposBroken: boolean
}

export const checkWhole = (whole: Whole, mistakes: Mistakes): void => {
  checkWriting(whole, mistakes)
  checkPublishing(whole, mistakes)
  checkWords(whole, mistakes)
  checkAnyone(whole, mistakes)
  checkLostWork(whole, mistakes)
  checkOneChange(whole, mistakes)
  checkFromEvent(whole, mistakes)
}

const checkWriting = ({ steps, repos, order, reposBroken }: Whole, mistakes: Mistakes): void => {
  const edits = steps.find((step) => step.kind === 'agent' && step.mode === 'edit')
  if (!edits || reposBroken || repos.some((repo) => repo.access === 'write')) return
  const path = repos.length === 0 ? order.byId.get(edits.id)!.draft.path : ['repos']
  mistakes.add({
    code: 'contradiction',
    path: repos.length === 0 && path[0] === 'agents' ? [] : path,
    at: 'key',
    message: `${edits.id} changes code, and there is no repository that may be written; ${repos.length === 0 ? 'name one below `repos`' : 'take `access: read` out of one'}.`,
    expected: 'repos',
  })
}

/** Without explicit steps the list of approvals is the person's own word. A step that could not be lowered has its own mistake, and might be the gate. */
const gatesAreSaid = ({ steps, order, approvalsSaid, explicit }: Whole): boolean =>
  !order.sound ||
  steps.length < order.steps.length ||
  approvalsSaid === 'none' ||
  (approvalsSaid === 'listed' && !explicit)

const checkPublishing = (whole: Whole, mistakes: Mistakes): void => {
  if (gatesAreSaid(whole)) return
  const { steps, order } = whole
  for (const step of steps) {
    if (
      step.kind !== 'action' ||
      !actionForm(step.action)?.publishes ||
      isDraftFirst(steps, step) ||
      gatesOf(step, steps, order).some(
        (gate) => gate.gate === 'change' && gate.of === step.of && gate.onReject !== 'continue',
      )
    )
      continue
    mistakes.add({
      code: 'no_gate',
      path: order.byId.get(step.id)!.draft.path,
      message: `${step.action} shows code to others, and no gate on ${step.of} that can stop it comes before it. Add \`- { gate: pr_approval, of: ${step.of} }\` before it, or write \`approvals: []\` to say that nobody is asked.`,
      expected: `a gate on ${step.of}`,
    })
  }
}

/** What an agent wrote goes outside when people have seen it: at a gate on the action, or on the plan that it is. */
const checkWords = (whole: Whole, mistakes: Mistakes): void => {
  if (gatesAreSaid(whole)) return
  const { steps, order } = whole
  for (const step of steps) {
    if (step.kind !== 'action') continue
    const gates = gatesOf(step, steps, order).filter((gate) => gate.onReject !== 'continue')
    if (gates.some((gate) => gate.gate === 'action' && gate.of === step.id)) continue
    for (const told of toldBy(step)) {
      if (gates.some((gate) => gate.gate === 'plan' && gate.of === told)) continue
      mistakes.add({
        code: 'no_gate',
        path: order.byId.get(step.id)!.draft.path,
        message: `${step.action} shows others what ${told} wrote, and nobody sees it before. Add \`- { gate: reply_review, of: ${step.id} }\` before it, or write \`approvals: []\` to say that nobody is asked.`,
        expected: `a gate on ${step.id}`,
      })
    }
  }
}

const gatesOf = (step: ActionStep, steps: readonly Step[], order: Order) => {
  const before = order.before(step.id)
  return steps.filter((other) => other.kind === 'gate').filter((gate) => before.has(gate.id))
}

/** What an outsider can start holds neither write access nor an effect that nobody looked at. */
const checkAnyone = ({ triggers, repos, steps, order }: Whole, mistakes: Mistakes): void => {
  const writes = [
    ...repos
      .filter((repo) => repo.access === 'write')
      .map((repo) => `${repo.name} may be written (say \`access: read\`)`),
    ...steps.filter((step) => step.kind === 'agent' && step.mode === 'edit').map((step) => `${step.id} edits`),
    ...steps
      .filter((step) => step.kind === 'action' && gatesOf(step, steps, order).length === 0)
      .map((step) => `${step.id} acts and no gate comes before it`),
  ]
  if (writes.length === 0) return
  for (const { trigger, path } of triggers) {
    if (!trigger.startedBy.includes('anyone')) continue
    mistakes.add({
      code: 'anyone_writes',
      path: [...path, 'started_by'],
      message: `Anyone may start this, outsiders too, so it must not write: ${writes.slice(0, 4).join('; ')}.`,
      found: 'anyone',
      expected: 'members, team:NAME or user:NAME',
    })
  }
}

/** Where changes are published, none may be made that nobody will ever see. */
const checkLostWork = ({ steps, order }: Whole, mistakes: Mistakes): void => {
  const published = steps.flatMap((step) => (step.kind === 'action' && step.of !== null ? [step.of] : []))
  if (!order.sound || steps.length < order.steps.length || published.length === 0) return
  const edits = steps.filter((step) => step.kind === 'agent' && step.mode === 'edit').map((step) => step.id)
  const used = new Set([...published, ...edits.map((id) => buildsOn(steps, id))])
  for (const id of edits) {
    if (used.has(id)) continue
    mistakes.add({
      code: 'lost_work',
      path: order.byId.get(id)!.draft.path,
      message: `What ${id} changes goes nowhere: no action publishes it, and no step that edits starts from it. Let the edits follow each other (\`needs: [${id}]\`), and publish the last.`,
      found: id,
      expected: `of: ${id}, or a step that edits with needs: [${id}]`,
    })
  }
}

/** A repository that begins where the event says needs an event that can say it. */
const checkFromEvent = ({ repos, triggers }: Whole, mistakes: Mistakes): void => {
  const told = triggers.some(({ trigger }) => 'branch' in (eventForm(trigger.tool, trigger.event)?.fields ?? {}))
  const begins = repos.find((repo) => repo.fromEvent)
  if (!begins || told || triggers.length === 0) return
  mistakes.add({
    code: 'contradiction',
    path: ['repos'],
    message: `${begins.name} begins where the event says (\`from_event\`), and no trigger here tells of a branch or a pull request.`,
    found: triggers.map(({ trigger }) => `${trigger.tool}: ${trigger.event}`).join(', '),
    expected: 'a trigger such as github: pr_opened, github: check_failed or ci: build_failed',
  })
}

const checkOneChange = ({ steps, order }: Whole, mistakes: Mistakes): void => {
  const opens = steps.filter((step) => step.kind === 'action' && step.action === 'git.open_change')
  for (const step of opens.slice(1))
    mistakes.add({
      code: 'duplicate',
      path: order.byId.get(step.id)!.draft.path,
      message: `A run opens one change, and ${opens[0]!.id} opens it.`,
      found: step.id,
      expected: 'one git.open_change',
    })
}
