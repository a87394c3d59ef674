/**
 * How is a time (ms since 1970) written for people, without a clock and without a time zone?
 * Times in a packet may be made up: it never throws.
 */
export const isoTime = (ms: number): string => (Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : `${ms} ms`)

/** `2026-11-22 14:04:05 UTC` */
export const utcTime = (ms: number): string =>
  isoTime(ms)
    .replace('T', ' ')
    .replace(/\.\d+Z$/, ' UTC')
