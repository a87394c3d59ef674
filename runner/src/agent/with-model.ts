/** The words of the owner that give an agent its model, with the name in the place of {model}. */
export const withModel = (words: readonly string[], name: string): string[] =>
  words.map((word) => word.replaceAll('{model}', () => name))
