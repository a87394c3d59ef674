/**
 * May this press of a key decide?
 * Pure: the caller tells what happened and when. A held key never carries over to the next item, and for a moment after an item changed nothing counts.
 */

/** Milliseconds after an item changed in which decision keys and buttons do nothing. */
export const deadMillis = 400

export type Press = {
  key: string
  repeat: boolean
  ctrlKey: boolean
  metaKey: boolean
  altKey: boolean
  inField: boolean
}

export class KeyGate {
  private readonly down = new Set<string>()
  private readonly stale = new Set<string>() // went down before the item was there, or while it was dead: only a release clears it
  private changedAt = Number.NEGATIVE_INFINITY

  /** Another item, or other bytes, are shown now. */
  itemChanged(now: number): void {
    this.changedAt = now
    for (const key of this.down) this.stale.add(key)
  }

  /** A key went down. True when it may decide. */
  press(press: Press, now: number): boolean {
    const key = press.key.toLowerCase()
    const held = press.repeat || this.down.has(key)
    this.down.add(key)
    if (this.dead(now)) this.stale.add(key)
    return !held && !this.stale.has(key) && !press.inField && !press.ctrlKey && !press.metaKey && !press.altKey
  }

  release(key: string): void {
    this.down.delete(key.toLowerCase())
    this.stale.delete(key.toLowerCase())
  }

  /** The window lost the keyboard: releases are not heard any more, so what is down stays stale until it is heard again. */
  blur(): void {
    for (const key of this.down) this.stale.add(key)
    this.down.clear()
  }

  /** May a click decide? A click by a held Enter or Space counts like the key. */
  click(byKeyboard: boolean, now: number): boolean {
    if (this.dead(now)) return false
    return !byKeyboard || !(this.stale.has('enter') || this.stale.has(' '))
  }

  private dead(now: number): boolean {
    return now - this.changedAt < deadMillis
  }
}
