/** Has the work ended, or does it not heed its signal? */

// F5: the processes of a lost lease are gone within ten seconds, the sweep included.
export const graceSeconds = 5

/** Resolves when the work ended (true), or when its signal fired and it went on for too long (false). Rejects as the work does. */
export const untilStopped = (work: Promise<void>, signal: AbortSignal): Promise<boolean> =>
  new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined
    const giveUp = (): void => {
      timer = setTimeout(() => resolve(false), graceSeconds * 1_000)
    }
    if (signal.aborted) giveUp()
    else signal.addEventListener('abort', giveUp, { once: true })
    work
      .then(() => resolve(true), reject)
      .finally(() => {
        clearTimeout(timer)
        signal.removeEventListener('abort', giveUp)
      })
  })
