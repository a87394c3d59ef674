/** As a `ref`: takes the keyboard when the element appears. For a field that a person has just asked for. */
export const focusHere = (element: HTMLElement | null): void => element?.focus()
