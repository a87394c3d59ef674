/** Runners and pools: who is there, with what, and how many slots are free. */
import './runners.css'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { questions } from '../api/queries.ts'
import { Held } from '../frame/held.tsx'
import { Page } from '../frame/page.tsx'
import { Dot } from '../look/dot.tsx'
import { Icon } from '../look/icon.tsx'
import { PairField } from './pair-field.tsx'
import { ScrollArea } from '../look/scroll-area.tsx'
import { RunnerRow } from './runner.tsx'

export const RunnersPage = () => {
  const answer = useQuery(questions.runners())
  const admin = useQuery(questions.me()).data?.person.role === 'admin'
  const online = answer.data?.runners.filter((runner) => runner.online).length ?? 0
  return (
    <Page
      title="Runners"
      top={
        <>
          <h1>Runners</h1>
          {answer.data && answer.data.runners.length > 0 && (
            <span className="count">
              <Dot tone={online > 0 ? 'done' : 'idle'} />
              {online} of {answer.data.runners.length} online
            </span>
          )}
        </>
      }
      tools={
        admin && (
          <>
            {answer.data && answer.data.runners.length > 0 && (
              <Link className="btn sm hide-s" to="/try">
                Try it on a repository
              </Link>
            )}
            <Link className="btn sm" to="/pair">
              <Icon name="plus" small />
              Pair a runner
            </Link>
          </>
        )
      }
    >
      <Held answer={answer} what="runners">
        {({ runners, pools }) => (
          <ScrollArea className="fill" label="Runners">
            {runners.length === 0 ? (
              <NoRunner admin={admin} />
            ) : (
              <>
                {pools.length > 1 && (
                  <div className="pools">
                    <table>
                      <thead>
                        <tr>
                          <th>Pool</th>
                          <th className="num">Runners</th>
                          <th className="num">Slots</th>
                          <th className="num">Free</th>
                        </tr>
                      </thead>
                      <tbody>
                        {pools.map((pool) => (
                          <tr key={pool.name}>
                            <td className="m">{pool.name}</td>
                            <td className="num">{pool.runners}</td>
                            <td className="num">{pool.slots}</td>
                            <td className="num">{pool.free}</td>
                          </tr>
                        ))}
                      </tbody>
                    </table>
                  </div>
                )}
                {runners.map((runner) => (
                  <RunnerRow key={runner.id} runner={runner} admin={admin} />
                ))}
              </>
            )}
          </ScrollArea>
        )}
      </Held>
    </Page>
  )
}

const NoRunner = ({ admin }: { admin: boolean }) => (
  <div className="first">
    <h2 className="verb">No runner yet</h2>
    <p className="lead">
      A runner is the open program on your machine: laptop, server or CI worker. It clones, runs agents and tests, holds
      the credentials, and has the last word.
    </p>
    <pre className="cmd">
      {
        'npm i -g @viewportai/daemon\nvpd pair --worker --transport=polling\nvpd worker start --mode persistent --transport polling'
      }
    </pre>
    {admin ? <PairField /> : <p className="lead">A workspace admin types the code that it prints.</p>}
  </div>
)
