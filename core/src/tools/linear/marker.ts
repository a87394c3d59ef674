/** Is our link in a text of Linear? */
const form = /\[Viewport run \d{1,9}\]\(\S{1,500}#(int_[0-9a-z]{1,60}-\d{1,9})\)/

/** Does it hold the link of this intent, or of any of ours? The tool may write the address anew, so only the intent counts. */
export const isMarked = (text: string | null | undefined, intent?: string): boolean =>
  intent === undefined ? form.test(text ?? '') : new RegExp(`#${intent}(?![0-9])`).test(text ?? '')
