/** Is what I see live? A mark with the time; when the line is down, since when, and that facts stay. */
import { useEffect, useState } from 'react'
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

/** A break as short as this (ms) is no news; the first connection may take longer. */
const patience = { first: 4_000, later: 1_500 } as const

export const OfflineNotice = () => {
  const live = useLive()
  const [told, setTold] = useState(false)
  const isDown = live.downSince !== null
  const millis = live.heard === null ? patience.first : patience.later
  useEffect(() => {
    if (!isDown) return undefined
    const timer = setTimeout(() => setTold(true), millis)
    return () => {
      clearTimeout(timer)
      setTold(false)
    }
  }, [isDown, millis])
  if (!isDown || !told) return null
  return (
    <Notice
      tone="plain"
      title={live.heard === null ? 'Viewport does not answer' : `Viewport has not answered since ${clock(live.heard)}`}
    >
      What you see is as of then. Nothing can be decided until it answers; it is asked again by itself.
    </Notice>
  )
}
