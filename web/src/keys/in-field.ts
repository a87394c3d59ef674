/** Is this place one where letters are written? Keys of the app are dead there. */
export const inField = (target: EventTarget | null): boolean => {
  if (!(target instanceof HTMLElement)) return false
  if (target.isContentEditable) return true
  if (target instanceof HTMLInputElement)
    return !['checkbox', 'radio', 'button', 'submit', 'reset'].includes(target.type)
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement
}

/** Is a panel open over the page? What is below it hears no key: nobody decides on what is covered. */
export const underPanel = (): boolean => document.querySelector('dialog:modal') !== null
