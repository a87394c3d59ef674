/** Context items as a table: what, from where, why it was chosen by parts of its score, whether it was cited. */
import type { AnswerOf } from '@viewportai/core/api/client'
import { counted } from '../look/amounts.ts'
import { Revealed } from '../text/revealed.tsx'

type Run = AnswerOf<'run', Response>
type Items = Run['contextItems']
type Missing = Run['contextMissing']

const whyChosen = (item: Items[number]): string => {
  const parts = Object.entries(item.score)
    .filter(([name, value]) => value !== 0 && name !== 'total')
    .toSorted(([, a], [, b]) => b - a)
    .map(([name, value]) => `${name} ${value < 10 ? value.toFixed(1) : Math.round(value)}`)
  return (
    [item.pinned ? 'pinned by the workflow' : '', parts.length ? parts.join(', ') : ''].filter(Boolean).join('; ') ||
    `asked for as ${item.wish}`
  )
}
const useTone = { used: 'done', unused: 'mute', 'not said': 'mute' } as const

/** What one step was given, and what it wished for and was not given. */
export const contextOf = (
  { contextItems, contextMissing }: Pick<Run, 'contextItems' | 'contextMissing'>,
  step: string,
): { items: Items; missing: Missing } => ({
  items: contextItems.filter((item) => item.step === step),
  missing: contextMissing.filter((wish) => wish.step === step),
})

/** Every step that was given something or wished for it, in the order of the run. */
export const ContextOfRun = ({ run }: { run: Pick<Run, 'contextItems' | 'contextMissing'> }) => {
  const steps = [...new Set([...run.contextItems, ...run.contextMissing].map((one) => one.step))]
  if (steps.length === 0)
    return <p className="mute">No context was resolved. The workflow asks for none, or no step has begun.</p>
  return (
    <>
      {steps.map((step) => (
        <ContextTable key={step} of={step} {...contextOf(run, step)} />
      ))}
    </>
  )
}

export const ContextTable = ({ items, missing, of }: { items: Items; missing: Missing; of?: string }) => {
  const tokens = items.reduce((sum, item) => sum + item.tokens, 0)
  const used = items.filter((item) => item.use === 'used').length
  return (
    <>
      {items.length > 0 && (
        <h2 className="h">
          {of ? `Given to ${of}` : 'Context'}{' '}
          <span className="mute">
            {counted(items.length, 'item')}, {counted(tokens, 'token')}, {used} cited
          </span>
        </h2>
      )}
      {items.length > 0 && (
        <table>
          <thead>
            <tr>
              <th className="ctxno">
                <span className="sr">Number</span>
              </th>
              <th>Item</th>
              <th className="hide-s">Source</th>
              <th>Why it was chosen</th>
              <th className="num">Use</th>
            </tr>
          </thead>
          <tbody>
            {items.map((item) => (
              <tr key={`${item.step} ${item.id}`}>
                <td className="ctxno" title={item.id}>
                  {item.id.replace(/^ctx-/, '')}
                </td>
                <td className="m">
                  <Revealed text={item.title} />
                </td>
                <td className="mono dim hide-s wrap" title={`${item.repo} at ${item.commit.slice(0, 12)}`}>
                  <Revealed text={`${item.path}:${item.lines[0]}–${item.lines[1]}`} code />
                </td>
                <td className="dim">{whyChosen(item)}</td>
                <td className={`num nw ${useTone[item.use]}`}>
                  {item.use === 'used' ? 'cited' : item.use === 'unused' ? 'not cited' : 'not said'}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {missing.map((wish) => (
        <p className="wait" key={wish.wish}>
          {of ? `Not given to ${of}: ` : ''}
          {wish.wish}: {wish.why}
        </p>
      ))}
    </>
  )
}
