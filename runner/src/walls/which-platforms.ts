/** On which systems does vpd do work? Where it could neither end what a step started nor keep its own keys from others, it does none and says so. */

/** Why no step is begun on this system, with what to do; null: steps are done. */
export const platformRefusal = (platform: string = process.platform): { words: string; fix: string } | null => {
  if (platform === 'linux' || platform === 'darwin') return null
  if (platform === 'win32')
    return {
      words:
        'On Windows itself vpd does no work: it cannot find what a step leaves running, agents and checks need a POSIX shell, and the modes of its key files mean nothing.',
      fix: 'Run it in WSL 2, where it works as on Linux. Pairing, `vpd look`, `vpd doctor` of the machine and `vpd audit verify` go there as well.',
    }
  return {
    words: `vpd does no work on ${platform}: it was made for Linux and macOS, and tried on no other system.`,
    fix: 'Run it on Linux, on macOS, or in WSL 2 on Windows.',
  }
}
