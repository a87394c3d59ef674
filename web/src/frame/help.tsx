/** Which keys are there? One panel, opened with `?`, usable by keyboard alone. */
import { useRef } from 'react'
import { mod } from '../keys/mod.ts'
import { useKeys } from '../keys/use-keys.ts'
import { Icon } from '../look/icon.tsx'

const groups: { title: string; keys: [keys: string, what: string][] }[] = [
  {
    title: 'Everywhere',
    keys: [
      ['j k', 'next, previous'],
      ['Enter', 'open'],
      ['Esc', 'back'],
      ['/', 'filter'],
      ['?', 'this panel'],
    ],
  },
  {
    title: 'Go to',
    keys: [
      ['g i', 'inbox'],
      ['g b', 'board'],
      ['g r', 'runs'],
      ['g w', 'workflows'],
      ['g n', 'runners'],
      ['g c', 'connections'],
      ['g d', 'deliveries'],
      ['g e', 'effects'],
      ['g s', 'settings'],
    ],
  },
  {
    title: 'Decide',
    keys: [
      ['a', 'approve'],
      ['c', 'request changes: opens a text'],
      ['r', 'reject: opens a text'],
      ['u', 'withdraw, until the effect begins'],
    ],
  },
  {
    title: 'In an item',
    keys: [
      ['j k', 'next, previous hunk'],
      ['↑ ↓', 'line by line'],
      ['n p', 'next, previous file'],
      ['m', 'comment on the line'],
      ['s', 'only what changed'],
      ['x', 'mark the file as read'],
      [`${mod} ↵`, 'send what is written'],
    ],
  },
  { title: 'Run', keys: [['f', 'follow the log']] },
  {
    title: 'Editor',
    keys: [
      [`${mod} .`, 'apply the fix under the line'],
      [`${mod} S`, 'save a new version'],
      ['b', 'backtest the draft'],
      ['Esc', 'leave the text'],
    ],
  },
]

let panel: HTMLDialogElement | null = null
export const openHelp = (): void => panel?.showModal()

export const Help = () => {
  const dialog = useRef<HTMLDialogElement>(null)
  useKeys({
    '?': (event) => {
      event.preventDefault()
      if (dialog.current?.open) dialog.current.close()
      else openHelp()
    },
  })
  const keep = (element: HTMLDialogElement | null) => {
    dialog.current = element
    panel = element
  }
  return (
    <dialog ref={keep} className="sheet" aria-labelledby="help-title">
      <header>
        <h2 className="verb" id="help-title">
          Keys
        </h2>
        <button type="button" className="btn sm right" onClick={() => dialog.current?.close()}>
          <Icon name="x" small />
          Close <kbd>Esc</kbd>
        </button>
      </header>
      <div className="cols">
        {groups.map((group) => (
          <section key={group.title} aria-label={group.title}>
            <h3 className="b">{group.title}</h3>
            <dl>
              {group.keys.map(([keys, what]) => (
                <div key={what}>
                  <dt>
                    {keys.split(' ').map((key) => (
                      <kbd key={key}>{key}</kbd>
                    ))}
                  </dt>
                  <dd>{what}</dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
      <p className="mute">
        Decision keys do nothing until what you see was loaded and checked in this browser, while a key is held, in a
        field, and for 0.4 s after an item changes.
      </p>
    </dialog>
  )
}
