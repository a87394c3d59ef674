/**
 * Is a repository at a forge still the one that its name meant when it was first seen?
 * A name can be given up and taken by somebody else; its number stays. Numbers stand among the settings of an opened connection, under names that
 * nobody can set: another number under the same name is believed in nothing, until an admin lets the connection forget the first.
 */
import { failed } from './ended.ts'

/** By names in small letters: forges do not tell them apart by case. */
export type Places = Readonly<Record<string, string>>
/** A repository as a tool told it. */
export type Place = { readonly name: string; readonly number: string }

type Settings = Readonly<Record<string, string>>
const prefix = 'place '

/** As an opened connection carries them; on to a runner, too. */
export const placeSettings = (places: Places): Record<string, string> =>
  Object.fromEntries(Object.entries(places).map(([name, number]) => [`${prefix}${name}`, number]))

export const isPlaceSetting = (key: string): boolean => key.startsWith(prefix)

/** The number that the name meant, or null where it was not seen yet. */
export const numberOf = (settings: Settings, name: string): string | null =>
  settings[`${prefix}${name.toLowerCase()}`] ?? null

/** Why this is not believed, a sentence; null: it is the same, or the first that is seen. */
export const anotherThere = (known: string | null, { name, number }: Place): string | null =>
  known === null || known === number
    ? null
    : `${name} is another repository than before (number ${number}, it was ${known}): the one that was meant was renamed, moved or removed, and its name was taken. Nothing of it is believed. If it is meant, let the connection forget the old one: \`viewport connections change ID --forget ${name}\`, or *Change* on its page.`

/** The number in an answer about the repository itself; null: this token is not shown it now. Throws `Ended` when it is another one than is known. */
export const numberSeen = (
  settings: Settings,
  name: string,
  { status, body }: { readonly status: number; readonly body: unknown },
): string | null => {
  const { id } = (body ?? {}) as { id?: unknown }
  if (status !== 200 || typeof id !== 'number') return null
  const no = anotherThere(numberOf(settings, name), { name, number: String(id) })
  if (no !== null) throw failed('another_repository', no, 'See at the forge what became of it; nothing was written.')
  return String(id)
}

/** The repository that a receipt tells of, by its number: what it was done on (`acme/shop#7`, `acme/shop@COMMIT`), or null. */
export const placeIn = ({ repository, ref, on }: Readonly<Record<string, unknown>>): Place | null => {
  const name = /^([^#!@\s]+)/.exec(String(ref ?? on ?? ''))?.[1]
  return typeof repository === 'string' && name !== undefined ? { name, number: repository } : null
}

type Ask<More extends unknown[], Came> = (
  method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  path: string,
  ...more: More
) => Promise<Came>

/**
 * Looks, right before the first thing is written, whether each repository that was asked about is the one that is known. `nameIn`: the repository of a path, or
 * null; `look`: its number now, which throws where that cannot be told. Throws `Ended` when it is another one: nothing was written then.
 */
export const onlyThere = <More extends unknown[], Came>(
  settings: Settings,
  nameIn: (path: string) => string | null,
  look: (name: string) => Promise<string>,
  ask: Ask<More, Came>,
): Ask<More, Came> => {
  const unsure = new Set<string>()
  const sure = new Set<string>()
  return async (method, path, ...more) => {
    const name = nameIn(path)
    if (name !== null && numberOf(settings, name) !== null && !sure.has(name)) unsure.add(name)
    if (method !== 'GET')
      for (const one of unsure) {
        const no = anotherThere(numberOf(settings, one), { name: one, number: await look(one) })
        if (no !== null)
          throw failed('another_repository', no, 'See at the forge what became of it; nothing was written.')
        unsure.delete(one)
        sure.add(one)
      }
    return ask(method, path, ...more)
  }
}
