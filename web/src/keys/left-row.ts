/** From which row of a list did one go to its page? Who comes back by Escape finds the keyboard there. */
let left: { list: string; href: string } | null = null
let returns = false

/** A row of the list at this path was opened. */
export const leaveRow = (list: string, href: string): void => {
  left = { list, href }
  returns = false
}

/** One goes back by Escape. */
export const goBack = (): void => {
  returns = true
}

/** The row of this list to stand on, once; null: one came another way. */
export const rowLeft = (list: string): string | null => (returns && left?.list === list ? left.href : null)

/** It was found. */
export const stoodOn = (): void => {
  left = null
  returns = false
}
