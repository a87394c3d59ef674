/**
 * Is an event a part of how its thing began?
 * A tool tells one act in several events: an issue that is made with two labels and an assignee is made, labelled twice and assigned. It never asks what an
 * event starts: who counts starts does.
 */
import type { TriggerEvent } from './trigger-event.ts'

/** How long after its thing was made (ms, by the tool's own clock) something by the same account still belongs to the making. */
export const beginningMillis = 5_000

/** The events by which making a thing is told: that it is there, and what was given to it. What people do with a thing that is there (comment, edit, close) is none. */
const told: Readonly<Record<string, readonly string[]>> = {
  github: ['issue_opened', 'issue_labeled', 'issue_assigned', 'pr_opened', 'pr_labeled', 'review_requested'],
  gitlab: ['issue_opened', 'issue_labeled', 'issue_assigned', 'mr_opened', 'mr_labeled'],
  linear: ['issue_created', 'issue_labeled', 'issue_assigned', 'issue_moved'],
  jira: ['issue_created', 'issue_labeled', 'issue_assigned', 'issue_transitioned'],
}

/** `made`: when the thing was made (ms). `by`: the account; of a program a webhook and an answer may tell different ones, so all programs are one. */
export type Beginning = { readonly made: number; readonly by: string }

/** The making that an event is a part of, or null: it is of a time after it, or of a thing whose making nobody told. */
export const beginningOf = ({
  tool,
  event,
  at,
  actor,
  subject,
}: Pick<TriggerEvent, 'tool' | 'event' | 'at' | 'actor' | 'subject'>): Beginning | null => {
  const { made, ref } = subject
  if (made === undefined || ref === undefined || !Object.hasOwn(told, tool) || !told[tool]!.includes(event)) return null
  return Math.abs(at - made) <= beginningMillis ? { made, by: actor.trust === 'bot' ? 'a program' : actor.id } : null
}

/** Are these the same making? Times of one, as a webhook and an answer tell them, are cut to seconds or not. */
export const isSameBeginning = (one: Beginning, other: Beginning): boolean =>
  one.by === other.by && Math.abs(one.made - other.made) <= beginningMillis
