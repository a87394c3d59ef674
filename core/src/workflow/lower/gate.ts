/** What does a gate look at, who decides, and what happens when nobody does? */
import { readDuration } from '../amounts.ts'
import type { GateStep } from '../compiled.ts'
import { defaults } from '../defaults.ts'
import type { Mistakes } from '../mistakes.ts'
import { many } from '../read-document.ts'
import type { GateDraft, StepDraft } from './draft.ts'
import type { Placed } from './order.ts'
import { approversOf, isEdit, isPlan, refer, type Place } from './place.ts'

export const lowerGate = (draft: GateDraft, place: Place): GateStep | null => {
  const {
    placed: { id, needs },
    around,
    mistakes,
  } = place
  const { written, path } = draft
  const looked = looksAt(draft, place)
  if (looked === null) return null
  const approvers = approversOf(written.approvers, around)
  const named = approvers.every((who) => who.startsWith('user:')) ? approvers.length : Number.POSITIVE_INFINITY
  const required = written.required ?? defaults.required
  if (required > named)
    mistakes.add({
      code: 'contradiction',
      path: [...path, 'required'],
      message: `${required} must decide, and only ${named} ${named === 1 ? 'is' : 'are'} named.`,
      found: String(required),
      expected: `at most ${named}`,
    })
  if (looked.gate === 'action' && approvers.includes('codeowners'))
    mistakes.add({
      code: 'contradiction',
      path: [...path, 'approvers'],
      message: 'An action touches no paths, so it has no code owners.',
      found: 'codeowners',
      expected: 'team, user or role',
    })
  if (looked.gate === 'action' && (written.on_reject ?? 'stop') !== 'stop')
    mistakes.add({
      code: 'contradiction',
      path: [...path, 'on_reject'],
      message: 'A rejected action is not done; nothing can be revised.',
      found: String(written.on_reject),
      expected: 'stop',
    })
  const expires = secondsOf(draft, 'expires_after', mistakes)
  if (expires !== null && expires > 90 * 86_400)
    mistakes.add({
      code: 'wrong_value',
      path: [...path, 'expires_after'],
      message: 'A gate may wait at most 90 days.',
      found: String(written.expires_after),
      expected: 'at most 90d',
    })
  if (written.expires_after === undefined && written.on_expiry !== undefined)
    mistakes.add({
      code: 'contradiction',
      path: [...path, 'on_expiry'],
      at: 'key',
      message: 'This gate never expires; say `expires_after` too.',
      expected: 'expires_after',
    })
  const onExpiry =
    typeof written.on_expiry === 'object' ? { escalate: [...new Set(many(written.on_expiry.escalate))] } : 'reject'
  return {
    kind: 'gate',
    id,
    needs,
    gate: looked.gate,
    name: draft.name,
    of: looked.of,
    approvers,
    required,
    exclude: written.exclude === undefined ? [...defaults.exclude] : [...new Set(many(written.exclude))],
    expiresAfterSeconds: expires,
    onExpiry,
    onReject: written.on_reject ?? 'stop',
    maxRounds: written.max_rounds ?? defaults.gateRounds,
    remindAfterSeconds:
      written.remind_after === undefined
        ? defaults.remindAfterSeconds
        : written.remind_after === 'never'
          ? null
          : secondsOf(draft, 'remind_after', mistakes),
  }
}

/** Seconds of a written duration, or null when none is written. No time at all must not come to mean for ever. */
const secondsOf = (
  { written, path }: GateDraft,
  key: 'expires_after' | 'remind_after',
  mistakes: Mistakes,
): number | null => {
  const text = written[key]
  if (text === undefined) return null
  const seconds = readDuration(text)
  if (seconds === null)
    mistakes.add({
      code: 'wrong_value',
      path: [...path, key],
      message: `\`${key}\` must be longer than nothing, such as 24h.`,
      found: text,
      expected: 'a duration, such as 24h',
    })
  return seconds
}

/** What the gate shows must be what is done: all that comes before the action comes before its gate too. */
const rightBefore = (action: Placed, { path }: GateDraft, { placed, order, mistakes }: Place): void => {
  const before = order.before(placed.id)
  const between = [...order.before(action.id)].filter((id) => {
    const { draft } = order.byId.get(id)!
    return id !== placed.id && !before.has(id) && !(draft.kind === 'gate' && draft.of === action.id)
  })
  if (between.length > 0)
    mistakes.add({
      code: 'wrong_order',
      path: [...path, 'of'],
      message: `${placed.id} shows what ${action.id} would do, so nothing may change in between; ${between.join(', ')} would still come.`,
      found: between.join(', '),
      expected: `${placed.id} right before ${action.id}`,
    })
}

/** What a gate looks at: a plan, a change, or the action right behind it. */
const looksAt = (draft: GateDraft, place: Place): { gate: GateStep['gate']; of: string } | null => {
  const { placed, order, mistakes } = place
  if (draft.lets !== null) return { gate: 'action', of: order.steps.find((step) => step.draft === draft.lets)!.id }
  const target = draft.of === null ? undefined : order.byId.get(draft.of)
  if (target?.draft.kind === 'action') {
    if (order.sound && !order.before(target.id).has(placed.id))
      mistakes.add({
        code: 'wrong_order',
        path: [...draft.path, 'of'],
        message: `${placed.id} asks about ${target.id}, so it must come before it.`,
        found: target.id,
        expected: `${placed.id} before ${target.id}`,
      })
    else if (order.sound) rightBefore(target, draft, place)
    return { gate: 'action', of: target.id }
  }
  const byName = draft.name === 'plan_review' ? isPlan : draft.name === 'pr_approval' ? isEdit : null
  const fits = (step: StepDraft): boolean => (draft.of === null && byName ? byName(step) : isPlan(step) || isEdit(step))
  const of = refer(place, 'of', draft.of, fits, 'a step with a plan or a change')
  return of === null ? null : { gate: isPlan(order.byId.get(of)!.draft) ? 'plan' : 'change', of }
}
