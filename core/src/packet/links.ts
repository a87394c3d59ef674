/**
 * What are the facts of a packet, each with its exact text and its hash?
 * Look-ups over a whole chain. It never judges what the facts say.
 */
import type { Fact, FactType } from '../run/facts.ts'
import { bytesOf } from './utf8.ts'

/** One fact, its exact text, and its hash in the chain. */
export type Link<T extends FactType = FactType> = {
  readonly fact: Fact<T>
  readonly text: string
  readonly hash: string
}

/** The links of one type, in order. */
export const linksOf = <T extends FactType>(links: readonly Link[], ...types: T[]): Link<T>[] =>
  links.filter((link): link is Link<T> => (types as readonly string[]).includes(link.fact.type))

/** The only `run.started` of a chain. Throws when there is none: such a chain has no packet. */
export const startOf = (links: readonly Link[]): Link<'run.started'> => {
  const start = linksOf(links, 'run.started')[0]
  if (!start) throw new Error('these facts do not begin with run.started')
  return start
}

/** Place and hash: how a statement points at a fact. */
export const pointer = (link: Link): { fact: number; hash: string } => ({ fact: link.fact.seq, hash: link.hash })

/** The bytes of facts.ndjson: one exact text per line. Throws when a text has a line break, which `factText` never writes. */
export const factsBytes = (texts: readonly string[]): Uint8Array => {
  const broken = texts.findIndex((text) => text.includes('\n'))
  if (broken >= 0) throw new Error(`the text of fact ${broken + 1} has a line break`)
  return bytesOf(texts.map((text) => `${text}\n`).join(''))
}
