/** Is what I see live? A mark with the time; when the line is down, since when, and that facts stay. */
import { useNow } from '../api/clock.ts'
import { useLive } from '../api/live.ts'
import { clock } from '../look/ages.ts'
import { Dot } from '../look/dot.tsx'
import { Notice } from '../look/notice.tsx'

export const LiveMark = () => {
  const live = useLive()
  const now = useNow()
  if (live.on)
    return (
      <span className="count mute hide-s" data-live="on">
        <Dot tone="done" />
        live · {clock(now)}
      </span>
    )
  return (
    <span className="count mute hide-s" data-live="off">
      <Dot tone="idle" />
      {live.heard === null ? 'connecting' : `as of ${clock(live.heard)}`}
    </span>
  )
}

const patience = 4_000 // milliseconds: a short break is no news

export const OfflineNotice = () => {
  const live = useLive()
  const now = useNow()
  if (live.downSince === null || now - live.downSince < patience) return null
  return (
    <Notice
      tone="plain"
      title={live.heard === null ? 'Viewport does not answer' : `Viewport has not answered since ${clock(live.heard)}`}
    >
      What you see is as of then. Nothing can be decided until it answers; it is asked again by itself.
    </Notice>
  )
}
