/** What does `vpd doctor` say about one thing? */

/** `ok` null: nothing to mend, worth knowing. `fix`: what to do, null where nothing is to be done. */
export type Finding = {
  readonly what: string
  readonly ok: boolean | null
  readonly words: string
  readonly fix: string | null
}

export const good = (what: string, words: string): Finding => ({ what, ok: true, words, fix: null })
export const known = (what: string, words: string, fix: string | null = null): Finding => ({
  what,
  ok: null,
  words,
  fix,
})
export const bad = (what: string, words: string, fix: string): Finding => ({ what, ok: false, words, fix })
