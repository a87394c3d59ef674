// How is a verdict told to a person at a terminal?
import { revealed } from '@viewportai/core/policy/hidden'
import { faultNames, type Fault, type Verdict } from '@viewportai/core/packet/verdict'

/** The report, line by line. Text from the packet is anybody's: what a terminal would obey is written out. */
export function verdictWords(verdict: Verdict): string {
  const { run, counts, faults, notes } = verdict
  const lines: string[] = []
  if (run) {
    lines.push(`Run ${run.number} (${run.id}), ${run.workflow}: ${run.outcome ?? 'not ended'}`)
    lines.push(`  ${many(counts.facts, 'fact')}, head ${run.head}`)
    lines.push(
      `  ${many(counts.decisions, 'decision')}, ${many(counts.effects, 'effect')}, ${many(counts.reports, 'report')} signed by ${counts.reports === 1 ? 'its runner' : 'their runners'}, ${many(counts.files, 'file')}`,
    )
  }
  for (const signer of verdict.signers)
    lines.push(
      `  ${many(signer.signatures, 'signature')} of the ${signer.owner}, key ${signer.kid}${signer.given ? ' (given)' : ''}`,
    )
  for (const note of notes) lines.push(`  Note: ${note}`)
  if (lines.length > 0) lines.push('')
  lines.push(...ending(verdict, faults))
  return lines.map((line) => revealed(line).replaceAll('\n', ' ')).join('\n')
}

function ending(verdict: Verdict, faults: readonly Fault[]): string[] {
  switch (verdict.outcome) {
    case 'verified':
      return ['Verified: complete, unchanged, signed by the control plane whose key was given, and the story holds.']
    case 'signer_unknown':
      return [
        'Consistent, signer unknown: the packet fits itself, but anybody can make one that does.',
        'Give the keys of your Viewport (viewport keys -o viewport.keys.json): vpd audit verify PACKET --key viewport.keys.json',
      ]
    case 'unusable':
      return faults.map((fault) => `Not verified: ${fault.words}`)
    case 'faulty': {
      const shown = faults.slice(0, 20)
      const rest = faults.length - shown.length
      return [
        `NOT VALID, ${many(faults.length, 'fault')}:`,
        ...shown.map(
          (fault) =>
            `  ${faultNames[fault.code]}: ${fault.file}${fault.record ? `, ${fault.record}` : ''}. ${fault.words}`,
        ),
        ...(rest > 0 ? [`  and ${rest} more; --json has all of them.`] : []),
      ]
    }
  }
}

const many = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`
