/**
 * How do open pages learn that they should look now?
 * Nudges of every replica become lines `{topic, id, seq}` for the pages of that workspace. A line says nothing else: what
 * changed is asked for through the API, with the reader's own rights.
 */
import type { ServerResponse } from 'node:http'
import type { StreamNote } from '@viewportai/core/api/stream'
import type { Nudge, Nudges } from '../database/nudge.ts'

/** Nudges within this time travel together, and the same one once. */
const gatherMillis = 20
/** A page that takes nothing for so many bytes is gone or stuck. */
const stuckBytes = 65_536
/** Open pages of one person at one replica. */
const pagesPerPerson = 30

type Page = { readonly workspace: string; readonly person: string; readonly response: ServerResponse }

const shown: Readonly<Partial<Record<Nudge['topic'], StreamNote['topic']>>> = {
  run: 'run',
  gate: 'gate',
  runner: 'runner',
  workflow: 'workflow',
  delivery: 'delivery',
  pairing: 'pairing',
  look: 'look',
  connection: 'connection',
}

/** The open pages of one replica. */
export class Streams {
  private readonly pages = new Map<string, Set<Page>>()
  private readonly gathered = new Map<string, Set<string>>()
  private seq = 0
  private timer: NodeJS.Timeout | null = null
  private readonly off: () => void

  constructor(nudges: Pick<Nudges, 'on'>) {
    this.off = nudges.on((nudge) => this.hear(nudge))
  }

  /** How many pages are open here. */
  get size(): number {
    return [...this.pages.values()].reduce((sum, pages) => sum + pages.size, 0)
  }

  /** Adds a page whose head was sent; it leaves by itself when its connection closes. The oldest of too many of one person makes room. */
  add(page: Page): void {
    const pages = this.pages.get(page.workspace) ?? new Set()
    this.pages.set(page.workspace, pages)
    const mine = [...pages].filter((one) => one.person === page.person)
    if (mine.length >= pagesPerPerson) mine[0]!.response.destroy()
    pages.add(page)
    page.response.once('close', () => {
      pages.delete(page)
      if (pages.size === 0) this.pages.delete(page.workspace)
    })
  }

  close(): void {
    this.off()
    if (this.timer) clearTimeout(this.timer)
    for (const page of this.everyPage()) page.response.end()
  }

  private everyPage(): Page[] {
    return [...this.pages.values()].flatMap((pages) => [...pages])
  }

  private hear({ topic, workspace, id }: Nudge): void {
    // Nudges may have been lost: a page that connects anew looks at everything.
    if (topic === 'resync') for (const page of this.everyPage()) page.response.end()
    // Rights have changed, or are gone: the page connects anew, or is refused.
    if (topic === 'person')
      for (const page of this.pages.get(workspace) ?? []) if (page.person === id) page.response.end()
    const as = shown[topic]
    if (!as || (workspace !== '*' && !this.pages.has(workspace))) return
    for (const to of workspace === '*' ? this.pages.keys() : [workspace]) {
      const notes = this.gathered.get(to) ?? new Set()
      this.gathered.set(to, notes.add(JSON.stringify([as, id])))
    }
    this.timer ??= setTimeout(() => this.tell(), gatherMillis)
  }

  private tell(): void {
    this.timer = null
    for (const [workspace, notes] of this.gathered) {
      const lines = Buffer.from([...notes].map((note) => this.line(note)).join(''))
      for (const { response } of this.pages.get(workspace) ?? []) {
        if (response.writableLength > stuckBytes) response.destroy()
        else response.write(lines)
      }
    }
    this.gathered.clear()
  }

  private line(note: string): string {
    const [topic, id] = JSON.parse(note) as [StreamNote['topic'], string]
    const seq = ++this.seq
    return `id: ${seq}\ndata: ${JSON.stringify({ topic, id, seq } satisfies StreamNote)}\n\n`
  }
}
