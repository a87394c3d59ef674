/** Connections: the outside tools that work comes from and effects go to, and how each is connected. */
import './connections.css'
import { useQuery } from '@tanstack/react-query'
import { actionForm } from '@viewportai/core/action/actions'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { guideOf } from '../guides/pages.ts'
import { BackFromGitHub } from './back-from-github.tsx'
import { ConnectForm, type Connected } from './connect-form.tsx'
import { ConnectionLine } from './connection-line.tsx'
import { JustConnected } from './just-connected.tsx'
import { ScrollArea } from '../look/scroll-area.tsx'
import { Skeleton } from '../look/waiting.tsx'
import { MakeApp } from './make-app.tsx'
import { ToolMark } from './tool-mark.tsx'

export const ConnectionsPage = () => {
  const answer = useQuery(questions.connections())
  const tools = useQuery(questions.tools())
  const me = useQuery(questions.me())
  const admin = me.data?.person.role === 'admin'
  // What its fields are called, and who may change it, is known before a line is shown: it does not become another one.
  const named = !tools.isPending && !me.isPending
  const [open, setOpen] = useState<string | null>(null)
  const [made, setMade] = useState<Connected | null>(null)
  return (
    <Page
      title="Connections"
      top={
        <>
          <h1>Connections</h1>
          {answer.data && answer.data.connections.length > 0 && (
            <span className="count">{answer.data.connections.length}</span>
          )}
        </>
      }
    >
      <Held answer={answer} what="connections">
        {({ connections }) =>
          !named ? (
            <Skeleton what="connections" />
          ) : (
            <ScrollArea className="fill" label="Connections">
              <BackFromGitHub onConnected={setMade} />
              {made && (
                <JustConnected
                  made={made}
                  tool={tools.data?.tools.find((tool) => tool.tool === made.connection.tool)}
                  onSeen={() => setMade(null)}
                />
              )}
              {connections.map((connection) => (
                <ConnectionLine
                  key={connection.id}
                  connection={connection}
                  tool={tools.data?.tools.find((tool) => tool.tool === connection.tool)}
                  admin={admin}
                />
              ))}
              {connections.length === 0 && (
                <div className="first">
                  <h2 className="verb">Nothing is connected yet</h2>
                  <p className="lead">
                    Work can come in from the tools your team uses, and what came of it goes back there: a comment, a
                    pull request, a message. Secrets are sealed here and never shown again.
                    {admin ? '' : ' An admin of the workspace connects them.'}
                  </p>
                </div>
              )}
              {connections.length > 0 && me.data && !admin && (
                <p className="mute who-may">An admin of the workspace connects tools, and changes or removes these.</p>
              )}
              {admin && (
                <Held answer={tools} what="tools">
                  {({ tools: all }) => (
                    <section className="connect" aria-label="Connect a tool">
                      <h2 className="b">Connect a tool</h2>
                      {all.map((tool) => (
                        <div key={tool.tool} className="tool-of">
                          <button
                            type="button"
                            className="tool-name"
                            aria-expanded={open === tool.tool}
                            onClick={() => setOpen(open === tool.tool ? null : tool.tool)}
                          >
                            <ToolMark tool={tool.tool} />
                            <span className="m">{tool.title}</span>
                            <span className="mute cut">{saysOf(tool)}</span>
                            <span className="tool-go" aria-hidden="true">
                              {open === tool.tool ? 'Close' : 'Connect'}
                            </span>
                          </button>
                          {open === tool.tool && (
                            <p className="to-guide">
                              <Link className="link" to="/guides/$" params={{ _splat: guideOf(tool.tool) }}>
                                {tool.title}, step by step
                              </Link>{' '}
                              <span className="mute">what it needs there, which events it tells, what runs do</span>
                            </p>
                          )}
                          {open === tool.tool && (
                            <NewConnection
                              tool={tool}
                              taken={connections.filter((one) => one.tool === tool.tool).map((one) => one.name)}
                              onDone={(connected) => {
                                setMade(connected)
                                setOpen(null)
                              }}
                            />
                          )}
                        </div>
                      ))}
                    </section>
                  )}
                </Held>
              )}
            </ScrollArea>
          )
        }
      </Held>
    </Page>
  )
}

/** GitHub has a way without anything to copy; what is filled in by hand comes second there. */
const NewConnection = ({ tool, taken, onDone }: Omit<Parameters<typeof ConnectForm>[0], 'before'>) => {
  const form = <ConnectForm tool={tool} before={null} taken={taken} onDone={onDone} />
  return tool.tool !== 'github' ? (
    form
  ) : (
    <>
      <MakeApp taken={taken} />
      <details className="by-hand">
        <summary>Give a token, or an App that is there already</summary>
        {form}
      </details>
    </>
  )
}

const saysOf = (tool: { hook: string | null; polled: boolean; line: boolean; actions: string[] }): string =>
  [
    tool.hook !== null && tool.line
      ? 'Heard by webhook, or over a line that Viewport opens'
      : tool.hook !== null && tool.polled
        ? 'Heard by webhook, or by asking'
        : tool.hook !== null
          ? 'Heard by webhook'
          : tool.polled
            ? 'Heard by asking'
            : null,
    tool.actions.length > 0
      ? `Runs ${tool.actions.map((name) => (actionForm(name)?.says ?? name).toLowerCase()).join(', ')}`
      : null,
  ]
    .filter((one) => one !== null)
    .join(' · ')
