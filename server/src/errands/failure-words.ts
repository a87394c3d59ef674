/** Why did a runner bring nothing back, for people? Where its policy keeps its words there, the code alone says it. */
import { keptText } from '@viewportai/core/wire/level'
import type { ErrandReport } from '@viewportai/core/wire/errand'

type Failed = Extract<ErrandReport, { is: 'failed' }>

/** `name`: of the runner. */
export const failureWords = (name: string, { code, summary, check }: Failed): string =>
  summary === keptText
    ? `${name}: ${code.replaceAll('_', ' ')}. More is said on that runner alone: its policy keeps short texts there (\`leaves: { excerpts: false }\`).`
    : `${name}: ${summary} ${check}`
