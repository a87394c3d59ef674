/** What does a run step check, and who repairs what it finds? */
import type { RunStep } from '../compiled.ts'
import { defaults } from '../defaults.ts'
import type { RunDraft } from './draft.ts'
import { isEdit, lastBefore, refer, type Place } from './place.ts'

export const lowerRun = (draft: RunDraft, place: Place): RunStep | null => {
  const {
    placed: { id, needs },
    mistakes,
  } = place
  const { written, path } = draft
  for (const [i, command] of (draft.commands ?? []).entries()) {
    if (command.includes('{{'))
      mistakes.add({
        code: 'template',
        path: draft.commands!.length === 1 ? [...path, 'run'] : [...path, 'run', i],
        message: 'Commands take no `{{ }}`: text from outside would become a command.',
        found: command.slice(0, 60),
        expected: 'a fixed command',
      })
  }
  const fixWith =
    written.fix_with !== undefined
      ? refer(place, 'fix_with', written.fix_with, isEdit, 'a step that edits')
      : draft.repair
        ? lastBefore(place, isEdit)
        : null
  const of = refer(place, 'of', written.of ?? fixWith, isEdit, 'a step that edits')
  if (of === null) return null
  if (written.max_rounds !== undefined && written.max_rounds > 0 && fixWith === null)
    mistakes.add({
      code: 'contradiction',
      path: [...path, 'max_rounds'],
      at: 'key',
      message: `Nobody repairs after ${id}; say \`fix_with\`, or take \`max_rounds\` out.`,
      expected: 'fix_with',
    })
  const maxRounds = fixWith === null ? 0 : (written.max_rounds ?? defaults.repairRounds)
  return {
    kind: 'run',
    id,
    needs,
    of,
    commands: draft.commands,
    fixWith: maxRounds === 0 ? null : fixWith,
    maxRounds,
    baseline: written.baseline ?? true,
    restart: written.restart ?? 'auto',
  }
}
