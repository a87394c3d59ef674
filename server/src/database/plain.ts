/** Which text can a text column hold? PostgreSQL takes no NUL; in its place stands the sign for what cannot be shown. */
export const plain = (text: string): string => text.replaceAll('\0', '\ufffd')
