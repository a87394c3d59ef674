/**
 * Which rules on commands does an agent step have?
 * The workflow's and the step's together; deny wins wherever it stands.
 */
import { allowRefusal } from '../../policy/command-pattern.ts'
import type { AgentStep } from '../compiled.ts'
import type { Mistakes, Path } from '../mistakes.ts'
import { many } from '../read-document.ts'

type Rules = AgentStep['commands']
type Written = { [K in keyof Rules]?: string | string[] | undefined }

export const noRules: Rules = { allow: [], ask: [], deny: [] }

export const commandRules = (base: Rules, written: Written | undefined, path: Path, mistakes: Mistakes): Rules => {
  const rule = (key: keyof Rules): string[] => [...new Set([...base[key], ...many(written?.[key])])].sort()
  for (const pattern of many(written?.allow)) {
    const refusal = allowRefusal(pattern)
    if (refusal)
      mistakes.add({
        code: 'too_wide',
        path: [...path, 'allow'],
        part: pattern,
        message: `\`${pattern}\` cannot be allowed: ${refusal}.`,
        found: pattern,
        expected: 'a narrower pattern',
      })
  }
  return { allow: rule('allow'), ask: rule('ask'), deny: rule('deny') }
}
