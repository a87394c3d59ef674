/** As a `ref`: takes the keyboard when the element appears, with its form in sight. For a field that a person has just asked for. */
export const focusHere = (element: HTMLElement | null): void => {
  element?.focus()
  element?.closest('form')?.scrollIntoView({ block: 'nearest' })
}
