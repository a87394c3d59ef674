/** Which beginnings of accounts does somebody mean who writes them with commas, blanks or lines between? Whether each is one, the server says. */
export const accountsIn = (text: string): string[] => [...new Set(text.split(/[\s,]+/).filter((one) => one !== ''))]
