/**
 * Why is a person asked about this command: which rules held?
 * The workflow's rules for commands, as pinned in the run, held against the very words of the gate. It decides nothing again.
 */
import { decideCommand } from '../policy/command.ts'
import { stepSpec, type GateState, type RunState } from '../run/state.ts'
import type { GateCard } from './shapes.ts'

/** The sentence and every rule that was looked at; nothing for gates that are about something else than a command. */
export const commandRules = (
  state: RunState,
  { subject }: Pick<GateState, 'subject'>,
): { reasons: string[]; rules: GateCard['rules'] } => {
  const spec = stepSpec(state, subject.step)
  if (subject.kind !== 'command' || spec?.kind !== 'agent') return { reasons: [], rules: [] }
  const { decision, why, trace } = decideCommand(subject.argv, spec.commands, { sandboxed: false })
  return { reasons: [`The workflow's rules for commands say ${decision}: ${why}.`], rules: trace }
}
