/** A diff that is only read: no comments, no cursor of its own keys but stepping. */
import { useMemo, useState } from 'react'
import { DiffView } from './diff-view.tsx'
import type { Patch } from './patch.ts'
import { shownPatch, type Place } from './shown.ts'
import { UnreadLines } from './unread-lines.tsx'

const none = new Set<string>()
const nothing = () => {}

export const PlainDiff = ({ patch }: { patch: Patch }) => {
  const files = useMemo(() => shownPatch(patch.files), [patch])
  const [cursor, setCursor] = useState<Place | null>(null)
  return (
    <>
      <UnreadLines of={patch} />
      <DiffView
        files={files}
        remarks={[]}
        agent={null}
        cursor={cursor}
        writing={null}
        read={none}
        onPick={(_, place) => setCursor(place)}
        onSay={nothing}
        onLeave={nothing}
        onDrop={nothing}
        onRead={null}
        onSeen={nothing}
      />
    </>
  )
}
