/** How many runs does a group have, in words that do not hide what is not shown? */

/** `inside`: rows that are drawn. `here`: rows of the group that the server gave. `all`: how many there are, of which it gives the first hundred. */
export const groupCount = (inside: number, here: number, all: number): string =>
  here < all ? `${inside.toLocaleString('en')} of ${all.toLocaleString('en')}` : inside.toLocaleString('en')
