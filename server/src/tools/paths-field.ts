/**
 * Which files did something change, as a field to match on?
 * Told whole or not at all: what holds for some files (`not: infra/**`) may not hold for the rest, and what is not told fits nothing.
 */

/** So many files are a field; of a change with more none is told. */
export const filesAtMost = 500
const longest = 2_000
/** A page of files, as forges give them. */
export const filesOnPage = 100

/** The field `paths`. `whole`: these are all the files there are. Undefined: not all are known, or they are too many or too long for a field. */
export const pathsField = (paths: readonly string[], whole: boolean): string[] | undefined => {
  const each = [...new Set(paths)]
  return whole && each.length <= filesAtMost && each.every((path) => path.length <= longest) ? each : undefined
}

/** Name and, of a file that was moved, the name before: it left that folder, too. */
export const namesOf = (file: unknown, now: string, before: string): string[] => {
  const held = (file ?? {}) as Record<string, unknown>
  return [...new Set([held[now], held[before]])].filter((name): name is string => typeof name === 'string')
}

/** All files of a change, page by page (from 1, `filesOnPage` each); null: there are more than can be told. Throws what a page throws. */
export const filesInPages = async (
  page: (number: number) => Promise<readonly unknown[]>,
): Promise<unknown[] | null> => {
  const first = await page(1)
  const more = Array.from({ length: first.length < filesOnPage ? 0 : filesAtMost / filesOnPage - 1 }, (_, at) => at + 2)
  const pages = [first, ...(await Promise.all(more.map(page)))]
  return pages.at(-1)!.length < filesOnPage ? pages.flat() : null
}
