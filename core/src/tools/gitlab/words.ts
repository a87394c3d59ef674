/**
 * What may a text of ours at GitLab not be?
 * A line that begins with a slash and a word is an order there (`/merge`, `/close`), done with the rights of whoever wrote it, also in a description. It is written so that it is read as words.
 */

/** The text without orders: the slash is escaped, and reads the same. */
export const withoutOrders = (text: string): string => text.replace(/^([ \t]*)\/(?=[A-Za-z])/gm, '$1\\/')
