/**
 * How is what we wrote at GitHub or GitLab found again?
 * By a comment that the rendered text does not show, with the intent's id, on a line of its own below all words. Only together with
 * our own account it proves anything: everybody can copy it. And only where we put it: what we quote may hold the mark of another effect.
 */
const form = /<!-- viewport:(int_[0-9a-z]{1,60}-\d{1,9}) -->/
const alone = new RegExp(`^${form.source}$`)

export const markerOf = (intent: string): string => `<!-- viewport:${intent} -->`

/**
 * The last marks that stand together, each alone on its line. Ours come after all words, so those of words are never among them;
 * what an editor or a program added below since does not hide them.
 */
const marksIn = (text: string | null | undefined): readonly string[] => {
  const lines = (text ?? '')
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) => alone.exec(line)?.[1] ?? null)
  const last = lines.findLastIndex((mark) => mark !== null)
  const before = lines.slice(0, last + 1).lastIndexOf(null)
  return lines.slice(before + 1, last + 1).filter((mark) => mark !== null)
}

/** The words of a pull request have two marks at the most: of what opened it, and of what changed it last. */
const marksOfPull = (body: string | null | undefined): readonly string[] => marksIn(body).slice(-2)

/** Did this intent write the text of a comment, a review or an issue? Its mark is the last one. */
export const isMarked = (text: string | null | undefined, intent: string): boolean => marksIn(text).at(-1) === intent
/** Did this intent open the pull or merge request with this body, or change it last? */
export const isPullMarked = (body: string | null | undefined, intent: string): boolean =>
  marksOfPull(body).includes(intent)
/** Does it hold any mark of ours, anywhere? Whoever copies one starts nothing by it: of such a mark the wide reading is the careful one. */
export const looksOurs = (text: string | null): boolean => form.test(text ?? '')

/** The intent that opened the pull or merge request with this body, or null: it holds no mark of ours. */
export const openerIn = (body: string | null): string | null => marksOfPull(body)[0] ?? null
