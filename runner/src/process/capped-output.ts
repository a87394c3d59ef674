/** How much of a program's output is kept? The first bytes up to a cap; the rest is counted and said, never silently lost. */

import { gathering } from '@viewportai/core/wire/gather'

/** Bytes of output that the log of one command keeps. */
export const outputCap = 16 * 1024 * 1024

/** Passes bytes on until the cap; `end` says what is missing, by `say` where the output has words of vpd's own. */
export const cappedOutput = (
  take: (bytes: Uint8Array | string) => void,
  cap = outputCap,
  say = (words: string): void => take(`\n[${words}]\n`),
): { write(bytes: Uint8Array): void; end(): void; dropped(): number } => {
  let kept = 0
  let dropped = 0
  return {
    write: (bytes) => {
      const part = bytes.subarray(0, Math.max(0, cap - kept))
      kept += part.length
      dropped += bytes.length - part.length
      if (part.length > 0) take(part)
    },
    end: () => {
      if (dropped > 0) say(`vpd kept the first ${kept} bytes of this output; ${dropped} more were not kept`)
    },
    dropped: () => dropped,
  }
}

/** Collects text up to a cap, as UTF-8 with U+FFFD for what is not. */
export const collectedText = (
  cap: number,
): { write(bytes: Uint8Array): void; text(): string; overflowed(): boolean } => {
  const gathered = gathering(cap)
  const capped = cappedOutput((bytes) => gathered.take(bytes as Uint8Array), cap)
  return {
    write: capped.write,
    text: () => gathered.text(),
    overflowed: () => capped.dropped() > 0,
  }
}
