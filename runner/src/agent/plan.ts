/** What does a plan say in numbers and names: its title, how many steps, which files? Read from Markdown that any agent wrote. */
import { headingIn } from '../context/heading.ts'

export type PlanRead = { readonly title: string | null; readonly steps: number; readonly files: string[] }

/** Looks like a path of a repository: in backticks, without blanks, with a slash or an extension. */
const pathForm = /^(?!\/|~|\.\.?\/|https?:|-)[\p{L}\p{N}_.@+-]+(?:\/[\p{L}\p{N}_.@+[\]()-]+)*$/u

/**
 * Reads a plan. Files: paths in backticks below a heading `Files`; where there is no such heading, in the whole plan.
 * Steps: numbered items at the outer level, in the section `Steps` where there is one.
 */
export const readPlan = (text: string): PlanRead => {
  const lines = outsideOfCode(text)
  const title =
    lines.map((line) => headingIn(line)?.title).find(Boolean) ??
    lines.find((line) => line.trim() !== '')?.trim() ??
    null
  const numbered = (section: readonly string[]): number =>
    section.filter((line) => /^ {0,2}\d{1,3}[.)]\s+\S/.test(line)).length
  const steps = sectionNamed(lines, /^(the )?(steps|plan|schritte|approach|implementation)\b/i)
  const files = sectionNamed(lines, /^(files|changed files|files to change|dateien)\b/i)
  return {
    title: title === null ? null : title.slice(0, 300),
    steps: (steps && numbered(steps)) || numbered(lines),
    files: pathsIn(files ?? lines, files !== null),
  }
}

const outsideOfCode = (text: string): string[] => {
  let fence: string | null = null
  return text.split('\n').filter((line) => {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (mark && (fence === null || mark.startsWith(fence))) {
      fence = fence === null ? mark : null
      return false
    }
    return fence === null
  })
}

/** The lines below the first heading that fits, up to the next heading of the same or a higher level. */
const sectionNamed = (lines: readonly string[], name: RegExp): string[] | null => {
  const at = lines.findIndex((line) => name.test(headingIn(line)?.title ?? '\0'))
  if (at < 0) return null
  const level = headingIn(lines[at] ?? '')?.level ?? 1
  const length = lines.slice(at + 1).findIndex((line) => (headingIn(line)?.level ?? 7) <= level)
  return lines.slice(at + 1, length < 0 ? undefined : at + 1 + length)
}

/** `listed`: they stand in a list of files, so a name without slash or extension is one too. */
const pathsIn = (lines: readonly string[], listed: boolean): string[] => {
  const found = lines.flatMap((line) =>
    [...line.matchAll(/`([^`\n]{1,500})`/g)].map((hit) =>
      (hit[1] ?? '').replace(/:\d+(?:-\d+)?$/, '').replace(/^\.\//, ''),
    ),
  )
  const paths = found.filter(
    (path) =>
      pathForm.test(path) &&
      (listed || path.includes('/') || /\.[a-z][a-z0-9]{0,9}$/i.test(path)) &&
      !path.split('/').includes('..'),
  )
  return [...new Set(paths)].slice(0, 1_000)
}
