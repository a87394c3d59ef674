/** Into which sections does a document fall? By headings where it has them, else by stretches of lines. Line numbers are those of the file. */
import { headingIn } from './heading.ts'

/** `lines`: first and last line from 1. `title`: the headings above, or the file's name. */
export type Section = { readonly title: string; readonly lines: readonly [number, number]; readonly text: string }

/** Longest section in lines; longer ones are cut into several. */
const longest = 120

/** The sections of a file, in order; empty for a file without any text. */
export const sectionsOf = (path: string, text: string): Section[] => {
  const lines = text.replace(/\n$/, '').split('\n')
  if (text.trim() === '') return []
  const name = path.split('/').at(-1) ?? path
  const marks = /\.(md|mdx|markdown|adoc|asciidoc)$/i.test(path) ? headings(lines) : []
  const starts = [...(marks[0]?.line === 0 ? [] : [{ line: 0, title: name }]), ...marks]
  return starts
    .flatMap(({ line, title }, at) => {
      const end = starts[at + 1]?.line ?? lines.length
      return stretches(lines, line, end).map(([from, to], part) => ({
        title: (part === 0 ? title : `${title} (part ${part + 1})`).slice(0, 300),
        lines: [from + 1, to] as const,
        text: lines.slice(from, to).join('\n'),
      }))
    })
    .filter((section) => section.text.trim() !== '')
}

/** Headings outside of fenced code, each with the headings it stands under. A heading right before another one begins no section of its own. */
const headings = (lines: readonly string[]): { line: number; title: string }[] => {
  const found: { line: number; title: string }[] = []
  const above: string[] = []
  let fence: string | null = null
  lines.forEach((line, at) => {
    const mark = /^ {0,3}(`{3,}|~{3,}|-{4,}$)/.exec(line)?.[1]
    if (mark && (fence === null || mark.startsWith(fence))) fence = fence === null ? mark : null
    const heading = fence === null ? headingIn(line, { asciidoc: true }) : null
    if (!heading) return
    above.length = heading.level - 1
    above.push(heading.title)
    const last = found.at(-1)
    const title = above.filter(Boolean).join(' › ')
    if (last && lines.slice(last.line + 1, at).every((between) => between.trim() === '')) last.title = title
    else found.push({ line: at, title })
  })
  return found
}

const stretches = (lines: readonly string[], from: number, to: number): [number, number][] => {
  const parts: [number, number][] = []
  let at = from
  while (to - at > longest) {
    const blank = lines.slice(at + longest / 2, at + longest).findLastIndex((line) => line.trim() === '')
    const end = blank < 0 ? at + longest : at + longest / 2 + blank + 1
    parts.push([at, end])
    at = end
  }
  parts.push([at, to])
  return parts
}
