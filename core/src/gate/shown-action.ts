/**
 * Is this effect the very one that a gate showed?
 * Action, target, parameters and change are compared, all of them. It never asks how the gate ended.
 */
import { digestOf } from '../digest/canonical.ts'
import { changeDigest, type Change, type Subject } from './subject.ts'

type Effect = { action: string; target: string; params: Record<string, unknown>; change: Change | null }

/** Does the subject show exactly this effect? A push belongs to the opening of a change that was shown with the same branch and tree. */
export const showsEffect = (subject: Subject, effect: Effect): boolean => {
  if (subject.kind !== 'action' || digestOfChange(subject.change) !== digestOfChange(effect.change)) return false
  if (effect.action === 'git.push')
    return (
      effect.change !== null &&
      subject.params['repo'] === effect.params['repo'] &&
      effect.params['ref'] !== undefined &&
      (subject.action === 'git.open_change'
        ? subject.params['ref'] === effect.params['ref']
        : `refs/heads/${String(subject.params['head'])}` === effect.params['ref'])
    )
  return (
    subject.action === effect.action &&
    subject.target === effect.target &&
    digestOf(subject.params) === digestOf(effect.params)
  )
}

const digestOfChange = (change: Change | null | undefined): string | null => (change ? changeDigest(change) : null)
