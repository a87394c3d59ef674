/** The change: planned against actual, then the diff with its cursor, comments and what changed since the round before. */
import { changeIn } from '@viewportai/core/gate/subject'
import type { GateCard } from '@viewportai/core/view/shapes'
import { useMemo, useState } from 'react'
import { type Evidence } from '../body/use-body.ts'
import type { DraftOf } from '../decide/drafts.ts'
import { DiffView } from '../diff/diff-view.tsx'
import type { LineOf, Remark } from '../diff/remarks.ts'
import { nowAt } from '../diff/since.ts'
import { UnreadLines } from '../diff/unread-lines.tsx'
import { shownPatch, shownSince } from '../diff/shown.ts'
import { useDiffCursor } from '../diff/use-diff-cursor.ts'
import { usePatches, type Patches } from '../diff/use-patches.ts'
import { bytes } from '../look/amounts.ts'
import { Skeleton } from '../look/waiting.tsx'
import { FilesTable } from './files-table.tsx'
import { setOnlySince, useOnlySince } from './only-since.ts'
import { useQuery } from '@tanstack/react-query'
import { questions } from '../api/queries.ts'

export const ChangeBody = ({ card, evidence, draft }: { card: GateCard; evidence: Evidence; draft: DraftOf }) => {
  const change = changeIn(card.subject)!
  const here = evidence.state === 'here' ? evidence.shown.bytes : null
  const patches = usePatches(card, here)
  const wantsSince = useOnlySince(card.gate)
  const only = wantsSince && patches.since !== null
  const files = useMemo(
    () => (only ? shownSince(patches.since!) : patches.now ? shownPatch(patches.now.files) : []),
    [only, patches.since, patches.now],
  )
  const [writing, setWriting] = useState<LineOf | null>(null)
  const open = card.state === 'open' && card.may.decide && card.myVerdict === null
  const cursor = useDiffCursor(files, {
    onSince: () => card.previous && setOnlySince(card.gate, !wantsSince),
    onRead: draft.toggleRead,
    onComment: (line) => open && setWriting(line),
  })
  const me = useQuery(questions.me()).data?.person.handle ?? 'you'
  const remarks = useMemo(() => remarksOf(card, patches, draft.draft.lines, me), [card, patches, draft.draft.lines, me])
  const read = useMemo(() => new Set(draft.draft.read), [draft.draft.read])
  return (
    <>
      <FilesTable
        files={change.files}
        planned={card.plannedFiles}
        guarded={card.subject.kind === 'change' ? card.subject.protected : []}
        read={draft.draft.read}
        onOpen={cursor.toFile}
      />
      <h2 className="h" id="diff">
        {only ? 'Only what changed' : 'Diff'}{' '}
        <span className="mute">
          base <code>{change.base.slice(0, 6)}</code> · tree <code>{change.tree.slice(0, 6)}</code>
        </span>
        <span className="right mute hide-s hints">
          <span>
            <kbd>j</kbd> <kbd>k</kbd> hunk
          </span>
          <span>
            <kbd>n</kbd> <kbd>p</kbd> file
          </span>
          {open && (
            <span>
              <kbd>m</kbd> comment
            </span>
          )}
        </span>
      </h2>
      {evidence.state === 'loading' && <Checking evidence={evidence} />}
      {(evidence.state === 'away' || evidence.state === 'wrong') && <p className="mute">The diff is not here.</p>}
      {only && files.length === 0 && <p className="wait">No line changed since round {card.previous!.round}.</p>}
      {patches.now?.files.length === 0 && <p className="wait">The patch changes no file.</p>}
      <UnreadLines of={patches.now} />
      <DiffView
        files={files}
        remarks={remarks}
        agent={card.agent}
        cursor={cursor.place}
        writing={writing}
        read={read}
        onPick={(line, place) => {
          cursor.set(place)
          if (open) setWriting(line)
        }}
        onSay={(line, text) => {
          draft.say(line, text)
          setWriting(null)
        }}
        onLeave={() => setWriting(null)}
        onDrop={draft.drop}
        onRead={draft.toggleRead}
        onSeen={draft.markRead}
      />
    </>
  )
}

const Checking = ({ evidence }: { evidence: Extract<Evidence, { state: 'loading' }> }) => (
  <div>
    <output className="mute">
      Checking {bytes(evidence.checked)} of {bytes(evidence.of)} in this browser
    </output>
    <Skeleton what="the diff" lines={6} />
  </div>
)

/** Comments of the round before where they belong now, comments of this round, and my drafts. */
const remarksOf = (card: GateCard, patches: Patches, drafts: DraftOf['draft']['lines'], me: string): Remark[] => {
  const said = (vote: GateCard['votes'][number]) => ({ by: vote.name, at: vote.at, draft: false })
  const { before, now } = patches
  const earlier =
    before && now && card.previous
      ? card.previous.votes.flatMap((vote) =>
          vote.lines.map((line): Remark => {
            const place = nowAt(before, now, line)
            return {
              ...line,
              ...place,
              text: line.text,
              ...said(vote),
              same: place?.same ?? false,
              round: card.previous!.round,
            }
          }),
        )
      : []
  const current = card.votes.flatMap((vote) =>
    vote.lines.map((line): Remark => ({ ...line, ...said(vote), same: null, round: card.round })),
  )
  return [
    ...earlier,
    ...current,
    ...drafts.map((line): Remark => ({ ...line, by: me, at: null, draft: true, same: null, round: card.round })),
  ]
}
