/** The log of a step as it comes: follows while the step runs, goes on from the last byte when the line broke. */
import { useEffect, useReducer, useState } from 'react'
import { followLog } from '../api/call.ts'
import { asProblem, type Problem } from '../api/problem.ts'
import { useLatest } from '../look/latest.ts'
import { LogLines } from './log-lines.ts'

export type LogView = {
  log: LogLines
  state: 'asking' | 'coming' | 'ended' | 'away'
  problem: Problem | null
  again: () => void
}
const againMillis = 2_000

/** For one step and attempt: another one is another component. `live`: the step runs now, so an end of the stream is not the end of the log. */
export const useLog = (run: string, step: string | null, attempt: number, live: boolean): LogView => {
  const [, draw] = useReducer((count: number) => count + 1, 0)
  const [tries, again] = useReducer((count: number) => count + 1, 0)
  const [log] = useState(() => new LogLines())
  const [state, setState] = useState<Pick<LogView, 'state' | 'problem'>>({ state: 'asking', problem: null })
  const isLive = useLatest(live)

  useEffect(() => {
    if (step === null) return undefined
    const stop = new AbortController()
    let frame = 0
    const soon = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0
        draw()
      })
    }
    const read = async () => {
      setState({ state: 'asking', problem: null })
      while (!stop.signal.aborted) {
        try {
          const response = await followLog(run, step, log.bytes, stop.signal, attempt)
          setState({ state: 'coming', problem: null })
          const reader = response.body!.getReader()
          for (let part = await reader.read(); !part.done; part = await reader.read()) {
            if (stop.signal.aborted) return
            log.push(part.value)
            soon()
          }
          if (!isLive.current) {
            log.end()
            setState({ state: 'ended', problem: null })
            return
          }
        } catch (error) {
          if (stop.signal.aborted) return
          setState({ state: 'away', problem: asProblem(error) })
        }
        await new Promise((resolve) => setTimeout(resolve, againMillis))
      }
    }
    void read()
    return () => {
      stop.abort()
      cancelAnimationFrame(frame)
    }
  }, [run, step, attempt, tries, log, isLive])
  return { log, ...state, again }
}
