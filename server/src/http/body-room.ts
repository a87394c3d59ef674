/**
 * How much may all bodies that are being read hold together?
 * Whoever knows the address of a webhook may send thousands, each a little at a time and each within its own limit. When there is no more room the one that
 * began first goes: what is honest is read in a moment, and what waits longest is what was made to wait.
 */
import type { Server } from 'node:http'

export type BodyRoom = {
  /** A body begins; `cut` ends its connection. Tell of its bytes as they come, and that it is over in every case. */
  enter(cut: () => void): { add(bytes: number): void; leave(): void }
}

/** `most`: bytes of all together. */
export const bodyRoom = (most: number): BodyRoom => {
  const inside = new Set<{ bytes: number; cut(): void }>()
  let held = 0
  return {
    enter(cut) {
      const one = { bytes: 0, cut }
      inside.add(one)
      const leave = (): void => {
        if (inside.delete(one)) held -= one.bytes
      }
      return {
        leave,
        add(bytes) {
          if (!inside.has(one)) return
          one.bytes += bytes
          held += bytes
          for (const first of inside) {
            if (held <= most) return
            inside.delete(first)
            held -= first.bytes
            first.cut()
          }
        },
      }
    },
  }
}

const usual = 268_435_456
const rooms = new WeakMap<Server, BodyRoom>()

/** The room of all bodies of a server. */
export const roomOf = (server: Server, most = usual): BodyRoom => {
  const room = rooms.get(server) ?? bodyRoom(most)
  rooms.set(server, room)
  return room
}
