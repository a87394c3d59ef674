// A small file system of its own for one folder, so that it can be filled without filling the machine's. It takes the right to mount.
import { execFileSync } from 'node:child_process'
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export type SmallDisk = {
  /** Takes all the room that is left. */
  fill(): void
  /** Gives it back. */
  empty(): void
  unmount(): void
}

/** Mounts a tmpfs of so many megabytes there; null where this user may not. */
export function mountSmallDisk(folder: string, megabytes: number): SmallDisk | null {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${megabytes}m,mode=0700`, 'viewport-faults', folder], {
      stdio: 'ignore',
    })
  } catch {
    return null
  }
  const ballast = join(folder, 'ballast')
  return {
    fill() {
      const { bavail, bsize } = statfsSync(folder)
      try {
        const [most, handle] = [8 * 1_048_576, openSync(ballast, 'w')]
        try {
          for (let left = bavail * bsize; left > 0; left -= most) writeSync(handle, Buffer.alloc(Math.min(left, most)))
        } finally {
          closeSync(handle)
        }
      } catch {
        // The last bytes went to somebody else meanwhile: full is full.
      }
    },
    empty: () => rmSync(ballast, { force: true }),
    unmount: () => void execFileSync('umount', ['--lazy', folder], { stdio: 'ignore' }),
  }
}
