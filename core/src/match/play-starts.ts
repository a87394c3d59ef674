/**
 * How would starts of one version have gone, one after the other, with so many at once and so often by the same thing?
 * Plays its `concurrency` and `breaker` over what it is started by. It matches nothing and asks no clock; what is known to have come of a start is
 * taken, and only the others are played.
 */
import { isSameBeginning, type Beginning } from '../event/beginning.ts'
import type { Compiled } from '../workflow/compiled.ts'
import { breakerOf, tripsBreaker } from '../workflow/breaker.ts'
import { roomFor, type Concurrency } from '../run/room.ts'

/**
 * What came of an event that a version is started by. `starts`: a run began, at once or when its turn came. `waits`: it waits for its turn at the end.
 * `held`: a breaker tripped; a run that waits for a person. `rests`: it had tripped before. `skipped`: enough went on. `dropped`: it left the queue
 * without a run. `refused`: it could not begin. `duplicate`: the same had come before.
 */
export const cameOutcomes = ['starts', 'waits', 'held', 'skipped', 'rests', 'dropped', 'refused', 'duplicate'] as const
export type Came = (typeof cameOutcomes)[number]

/**
 * A run that really began. Moments in ms. `to` null: it goes on. `let`: when a person let it begin after a breaker had tripped; null: none had, or nobody did.
 * `replaced`: it was stopped for a newer one, so nobody knows how long it would have gone on.
 */
export type Real = {
  readonly from: number
  readonly to: number | null
  readonly let: number | null
  readonly replaced: boolean
}

/** An event that a version is started by. */
export type Startable = {
  readonly delivery: string
  /** When it was decided on, and when it came (ms). Those of one batch were decided on at one moment, in the order in which they came. */
  readonly at: number
  readonly came: number
  /** The thing that it is about, by which a breaker counts; null: it counts none. */
  readonly subject: string | null
  /** The making of its thing that it is a part of: one act that a tool tells in several events starts once. */
  readonly begins: Beginning | null
  /** By what the very event is known, where another connection may tell of it as well; null: only one can. */
  readonly told: string | null
  /** How many runs woke each other before it; null: not known. */
  readonly chain: number | null
  /** False: whoever asked for it is told when there is no room, and nothing waits. */
  readonly mayWait: boolean
  readonly real: Real | null
  /** Starts of one slot share a limit; null: it stands alone. */
  readonly slot: string | null
  /** What is known to have come of it; null: it is played. */
  readonly known: Came | null
}

/** What of a version decides how many start. Times in ms. */
export type Rules = {
  readonly concurrency: Concurrency | null
  readonly starts: number
  readonly within: number
  readonly chain: number
  readonly cooldown: number
}

export const rulesOf = (compiled: Pick<Compiled, 'concurrency' | 'breaker'>): Rules => {
  const { starts, withinSeconds, chain, cooldownSeconds } = breakerOf(compiled)
  const { concurrency } = compiled
  return {
    concurrency: concurrency && { limit: concurrency.limit, whenFull: concurrency.whenFull },
    starts,
    within: withinSeconds * 1_000,
    chain,
    cooldown: cooldownSeconds * 1_000,
  }
}

/** A run that went on when the oldest event came, in its slot. */
export type Going = { readonly slot: string; readonly from: number; readonly to: number | null }

export type Played = {
  /** By delivery. */
  readonly came: ReadonlyMap<string, Came>
  /** Deliveries whose run a person let begin after a breaker had tripped: they were asked, and it started. */
  readonly letGo: ReadonlySet<string>
  /** How many took a place for a time that was assumed. */
  readonly assumed: number
}

type Over = {
  readonly going?: readonly Going[]
  /** So long (ms) a run without a known time is taken to last. */
  readonly lasts: number
  /** The moment (ms) up to which it is played. */
  readonly until: number
}

/** In the order in which they were decided on, whatever order they are given in. */
export const playStarts = (all: readonly Startable[], rules: Rules, over: Over): Played => {
  const play = new Play(rules, over)
  for (const one of all.toSorted(inOrder)) play.take(one)
  return play.end()
}

const inOrder = (a: Startable, b: Startable): number =>
  a.at - b.at || a.came - b.came || (a.delivery < b.delivery ? -1 : a.delivery > b.delivery ? 1 : 0)

const underWay: ReadonlySet<Came> = new Set(['starts', 'waits', 'held', 'dropped'])

/** A turn takes a moment: a start this close (ms) to when the run really began is that one, and ends when it did. */
const near = 10_000
/** A run that is stopped for a newer one ends at once, or when it really was so stopped, this long (ms) after at most. */
const stopping = 60_000

/** `stops`: when it really ended as it was stopped for a newer one. */
type Run = { readonly from: number; to: number; readonly stops: number | null; stopped: boolean }
/** A run that takes its place only from this moment on (ms): it waited for its turn, or for a person. */
type Later = { readonly at: number; readonly run: Run }
/** `runs`: those that end first come first. `turn`: where in `waiting` the one stands whose turn is next; taking the first out of thousands each time costs too much. */
type Slot = { runs: Run[]; later: Later[]; waiting: Startable[]; turn: number }
/** The first that was judged of a making, or of an event that another connection tells as well, and when. */
type Making = Pick<Startable, 'begins' | 'told' | 'delivery' | 'at'>
type Rest = { readonly from: number; readonly until: number }
/** `forgets`: from this moment on what was before is not counted. */
type Subject = { starts: number[]; rests: Rest[]; forgets: number | null; makings: Making[] }

const keeps = ({ makings }: Subject, { begins, told, delivery, at }: Startable): void => {
  if (begins !== null || told !== null) makings.push({ begins, told, delivery, at })
}

class Play {
  private readonly rules: Rules
  private readonly over: Over
  private readonly came = new Map<string, Came>()
  private readonly letGo = new Set<string>()
  private assumed = 0
  private readonly slots = new Map<string, Slot>()
  private readonly subjects = new Map<string, Subject>()

  constructor(rules: Rules, over: Over) {
    this.rules = rules
    this.over = over
    for (const { slot, from, to } of over.going ?? [])
      adds(this.slot(slot).runs, { from, to: to ?? Infinity, stops: null, stopped: false })
  }

  take(one: Startable): void {
    const said = one.known ?? this.judged(one)
    if (one.known !== null) this.counts(one, one.known)
    const came = said ?? this.roomed(one)
    this.came.set(one.delivery, came)
    if (one.known !== null) this.takesPlace(one, one.known)
  }

  end(): Played {
    for (const slot of this.slots.values()) this.goesOn(slot, this.over.until)
    return { came: this.came, letGo: this.letGo, assumed: this.assumed }
  }

  /** What the breaker says of it; null: it goes on. */
  private judged(one: Startable): Came | null {
    if (one.subject === null) return null
    const subject = this.subject(one.subject, one.at)
    const first = this.sameMaking(one, subject)
    // Of one batch it is one act, whatever becomes of it.
    if (first !== null) return underWay.has(first) ? 'duplicate' : first
    if (isResting(subject, one.at)) return 'rests'
    const { starts, within, chain } = this.rules
    while (subject.starts.length > 0 && subject.starts[0]! <= one.at - within) subject.starts.shift()
    const trips = tripsBreaker({ starts, chain }, subject.starts.length, one.chain ?? 0)
    subject.starts.push(one.at)
    keeps(subject, one)
    return trips === null ? null : this.trips(one, subject)
  }

  /** What became of the start that was of the same making, or of the same event, or null. One that began nothing, and waits for nothing, was none, but for its own batch. */
  private sameMaking({ begins, told, at }: Startable, subject: Subject): Came | null {
    if (begins === null && told === null) return null
    subject.makings = subject.makings.filter(
      ({ delivery, at: judged }) => judged === at || underWay.has(this.came.get(delivery)!),
    )
    const same = subject.makings.find(
      (made) =>
        (told !== null && made.told === told) ||
        (begins !== null && made.begins !== null && isSameBeginning(made.begins, begins)),
    )
    return same === undefined ? null : this.came.get(same.delivery)!
  }

  /** It waits for a person. Where one really let it begin, that is taken as it was. */
  private trips(one: Startable, subject: Subject): Came {
    const letAt = one.real?.let ?? null
    const until = Math.min(one.at + this.rules.cooldown, letAt ?? Infinity)
    subject.rests.push({ from: one.at, until })
    if (letAt === null) return 'held'
    subject.forgets = letAt
    this.letGo.add(one.delivery)
    if (one.slot !== null)
      takesLater(
        this.slot(one.slot),
        letAt,
        one.known === null ? this.runOf(one.real, one.real!.from) : realRun(one.real!),
      )
    return 'starts'
  }

  /** What was counted of a start of which it is known what came. */
  private counts(one: Startable, known: Came): void {
    if (one.subject === null || known === 'rests' || known === 'refused' || known === 'duplicate') return
    const subject = this.subject(one.subject, one.at)
    subject.starts.push(one.at)
    keeps(subject, one)
    if (known === 'held' || (one.real?.let ?? null) !== null) this.trips(one, subject)
  }

  private takesPlace(one: Startable, known: Came): void {
    if (one.slot === null || known !== 'starts' || one.real === null || one.real.let !== null) return
    const slot = this.slot(one.slot)
    this.goesOn(slot, one.at)
    if (one.real.from > one.at) takesLater(slot, one.real.from, realRun(one.real))
    else adds(slot.runs, realRun(one.real))
  }

  /** Whether there is room for it now. */
  private roomed(one: Startable): Came {
    const { concurrency } = this.rules
    if (one.slot === null || concurrency === null) return 'starts'
    const slot = this.slot(one.slot)
    this.goesOn(slot, one.at)
    const found = roomFor(concurrency, { running: slot.runs.length, waiting: waitingIn(slot) })
    if (found === 'start') return this.begins(slot, one, one.at)
    if (found === 'skip') return 'skipped'
    if (found === 'replace') {
      for (const dropped of slot.waiting.splice(slot.turn)) this.came.set(dropped.delivery, 'dropped')
      stopOldest(slot, one.at)
      this.goesOn(slot, one.at)
      if (slot.runs.length < concurrency.limit) return this.begins(slot, one, one.at)
    }
    if (!one.mayWait) return 'skipped'
    slot.waiting.push(one)
    return 'waits'
  }

  private begins(slot: Slot, { real }: Startable, at: number): Came {
    adds(slot.runs, this.runOf(real, at))
    return 'starts'
  }

  private runOf(real: Real | null, from: number): Run {
    return { from, to: this.endOf(real, from), stops: real?.replaced === true ? real.to : null, stopped: false }
  }

  /** When a run ends that begins now. */
  private endOf(real: Real | null, at: number): number {
    if (real !== null && !real.replaced)
      return real.to === null
        ? Infinity
        : Math.abs(real.from - at) <= near
          ? Math.max(at, real.to)
          : at + (real.to - real.from)
    // What a newer one stops keeps no other from its place, however long it would have gone on.
    if (real !== null && this.rules.concurrency?.whenFull === 'replace') return Infinity
    this.assumed++
    return at + Math.max(this.over.lasts, real?.to ? real.to - real.from : 0)
  }

  /** Runs end, others take the place that they have from now on, and what waits begins, one after the other, up to this moment and with it. */
  private goesOn(slot: Slot, to: number): void {
    for (;;) {
      const ends = slot.runs[0]?.to ?? Infinity
      const [later] = slot.later
      if (later && later.at <= to && later.at < ends) {
        slot.later.shift()
        adds(slot.runs, later.run)
      } else if (ends <= to) {
        slot.runs.shift()
        this.turnComes(slot, ends)
      } else return
    }
  }

  private turnComes(slot: Slot, at: number): void {
    while (slot.turn < slot.waiting.length && slot.runs.length < this.rules.concurrency!.limit) {
      const one = slot.waiting[slot.turn++]!
      // Whether the workflow rests is asked once more.
      const rests = one.subject !== null && isResting(this.subject(one.subject, at), at)
      this.came.set(one.delivery, rests ? 'rests' : this.begins(slot, one, at))
    }
  }

  private slot(name: string): Slot {
    let slot = this.slots.get(name)
    if (slot === undefined) this.slots.set(name, (slot = { runs: [], later: [], waiting: [], turn: 0 }))
    return slot
  }

  private subject(name: string, at: number): Subject {
    let subject = this.subjects.get(name)
    if (subject === undefined)
      this.subjects.set(name, (subject = { starts: [], rests: [], forgets: null, makings: [] }))
    if (subject.forgets !== null && at >= subject.forgets)
      Object.assign(subject, { starts: [], rests: [], forgets: null } satisfies Partial<Subject>)
    return subject
  }
}

const realRun = ({ from, to }: Real): Run => ({ from, to: to ?? Infinity, stops: null, stopped: false })
const isResting = ({ rests }: Subject, at: number): boolean => rests.some(({ from, until }) => from <= at && at < until)
const waitingIn = ({ waiting, turn, later }: Slot): number => waiting.length - turn + later.length

/** The first is first. */
const takesLater = (slot: Slot, at: number, run: Run): void => {
  slot.later.push({ at, run })
  slot.later.sort((a, b) => a.at - b.at)
}

/** Keeps those that end first first. */
const adds = (runs: Run[], run: Run): void => {
  let [low, high] = [0, runs.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (runs[middle]!.to <= run.to) low = middle + 1
    else high = middle
  }
  runs.splice(low, 0, run)
}

const stopOldest = (slot: Slot, at: number): void => {
  let oldest: Run | null = null
  for (const run of slot.runs) if (!run.stopped && (oldest === null || run.from < oldest.from)) oldest = run
  if (oldest === null) return
  oldest.stopped = true
  slot.runs.splice(slot.runs.indexOf(oldest), 1)
  const { stops } = oldest
  oldest.to = stops !== null && stops <= at + stopping ? Math.max(at, stops) : at
  adds(slot.runs, oldest)
}
