/** Pairing a runner: the code from its terminal, the machine behind it, the same three words, then pool, repositories and name. */
import { slugOf } from '@viewportai/core/slug'
import './runners.css'
import { useMutation, useQuery } from '@tanstack/react-query'
import { Link, useLocation, useNavigate, useSearch } from '@tanstack/react-router'
import type { AnswerOf } from '@viewportai/core/api/client'
import { useState } from 'react'
import { api } from '../api/call.ts'
import { asProblem } from '../api/problem.ts'
import { questions } from '../api/queries.ts'
import { Page } from '../frame/page.tsx'
import { ProblemNotice } from '../look/notice.tsx'
import { Skeleton } from '../look/waiting.tsx'
import { When } from '../look/when.tsx'
import { Revealed } from '../text/revealed.tsx'
import { codeFrom } from './code.ts'
import { PairField } from './pair-field.tsx'
import { AgentList, systemOf } from './capabilities.tsx'
import { noWallMeans } from './without-wall.tsx'

type Pairing = AnswerOf<'findPairing', Response>

export const PairPage = () => {
  const { then } = useSearch({ strict: false }) as { then?: 'try' }
  const code = codeFrom(useLocation({ select: (location) => location.hash }))
  const me = useQuery(questions.me()).data
  const found = useQuery({
    queryKey: ['pairing', code],
    enabled: code !== null && me?.person.role === 'admin',
    queryFn: () => api.findPairing({ body: { code: code! } }),
    staleTime: 60_000,
    gcTime: 0,
  })
  const admin = me === undefined || me.person.role === 'admin'
  return (
    <Page
      title="Pair a runner"
      back="/runners"
      top={
        <>
          <Link to="/runners" className="dim">
            Runners
          </Link>
          <span className="sep">/</span>
          <h1>Pair</h1>
        </>
      }
    >
      <div className="scroll fill">
        <div className="doc">
          {!admin ? (
            <>
              <h2 className="verb">Only a workspace admin may pair a runner</h2>
              <p className="lead">A runner gets code and credentials near it. Ask an admin to type the code here.</p>
            </>
          ) : code === null || found.isError ? (
            <>
              <h2 className="verb">Pair a runner where your code lives</h2>
              <p className="lead">
                Code, keys and agents stay on that machine. It prints a code and three words; type the code here.
              </p>
              {found.isError && <ProblemNotice problem={asProblem(found.error)} />}
              <pre className="cmd">{'npm i -g @viewportai/daemon\nvpd pair --worker --transport=polling'}</pre>
              <PairField key={code} then={then} />
            </>
          ) : found.data ? (
            <Machine key={found.data.id} pairing={found.data} />
          ) : (
            <Skeleton what="the machine" />
          )}
        </div>
      </div>
    </Page>
  )
}

const Machine = ({ pairing }: { pairing: Pairing }) => {
  const can = pairing.capabilities
  const asked = useQuery(questions.repositories())
  const repositories = asked.data?.repositories
  const pools = useQuery(questions.runners()).data?.pools ?? []
  const [name, setName] = useState(slugOf(pairing.name ?? can.host, 63))
  // What is proposed may be known later than the page is drawn; what was typed stays.
  const [typed, setPool] = useState<string | null>(null)
  const pool = typed ?? pairing.pool ?? pools[0]?.name ?? 'default'
  const [without, setWithout] = useState<readonly string[]>([])
  const [bare, setBare] = useState(false)
  const navigate = useNavigate()
  const { then } = useSearch({ strict: false }) as { then?: 'try' }
  const chosen = repositories?.map((one) => one.name).filter((one) => !without.includes(one)) ?? []
  const decide = useMutation({
    mutationFn: (verdict: 'approve' | 'refuse') =>
      api.decidePairing({
        params: { pairing: pairing.id },
        body:
          verdict === 'refuse'
            ? { verdict }
            : { verdict, name, pool, repositories: chosen, words: pairing.words, ...(bare && { acceptNoWall: true }) },
      }),
    onSuccess: () => void navigate({ to: then === 'try' ? '/try' : '/runners' }),
  })
  const named = /^[a-z0-9][a-z0-9-]{0,62}$/
  const pooled = /^[a-z0-9][a-z0-9_-]{0,62}$/
  // Paired before its repositories are known, it would get none.
  const ready = named.test(name) && pooled.test(pool) && repositories !== undefined
  return (
    <>
      <h2 className="verb">
        Let <Revealed text={can.host} code /> work for this workspace
      </h2>
      <p className="by">
        <span className="mute">
          The code is valid until <When at={pairing.expiresAt} as="moment" />, once
        </span>
      </p>
      <dl className="facts">
        <div>
          <dt>Three words</dt>
          <dd>
            <div className="words">{pairing.words.join(' ')}</div>
            <p className="dim">
              Its terminal shows the same three. Others mean that another machine took the code: refuse it.
            </p>
          </dd>
        </div>
        <div>
          <dt>System</dt>
          <dd>
            {systemOf(can)}, vpd {can.vpd}, {can.slots} {can.slots === 1 ? 'slot' : 'slots'}, {can.mode}
          </dd>
        </div>
        <div>
          <dt>Address</dt>
          <dd className="mono">{pairing.address}</dd>
        </div>
        <div>
          <dt>Agents</dt>
          <dd>
            <AgentList can={can} />
          </dd>
        </div>
      </dl>
      <form
        className="form"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) decide.mutate('approve')
        }}
      >
        <h3 className="b">What it may do</h3>
        <div>
          <label htmlFor="name">Name</label>
          <input
            id="name"
            className="input mono"
            value={name}
            onChange={(event) => setName(event.target.value)}
            aria-invalid={!named.test(name)}
            aria-describedby="name-note"
          />
          <p id="name-note" className={named.test(name) ? 'limit' : 'wrong'}>
            lower-case letters, digits and -
          </p>
        </div>
        <div>
          <label htmlFor="pool">Pool</label>
          <input
            id="pool"
            className="input mono"
            list="pools"
            value={pool}
            onChange={(event) => setPool(event.target.value)}
            aria-invalid={!pooled.test(pool)}
          />
          <datalist id="pools">
            {pools.map((one) => (
              <option key={one.name} value={one.name}>
                {one.name}
              </option>
            ))}
          </datalist>
          <p className="limit">
            {pairing.pool ? `it asked for ${pairing.pool}; ` : ''}workflows name the pool they run in
          </p>
        </div>
        <fieldset>
          <legend>Repositories</legend>
          {asked.isPending && <p className="limit">Asking for the repositories</p>}
          {asked.isError && !asked.data && <ProblemNotice problem={asProblem(asked.error)} />}
          {repositories?.map((one) => (
            <label className="check" key={one.id}>
              <input
                type="checkbox"
                checked={!without.includes(one.name)}
                onChange={(event) =>
                  setWithout(
                    event.target.checked ? without.filter((name) => name !== one.name) : [...without, one.name],
                  )
                }
              />
              <span className="mono">{one.name}</span>
            </label>
          ))}
          {repositories?.length === 0 && (
            <p className="limit">This workspace has no repository yet; an admin can let the runner use some later.</p>
          )}
        </fieldset>
        {can.isolation.level === 'none' && (
          <fieldset>
            <legend>Without a wall</legend>
            <p className="limit wait">
              Nothing walls agents off from this machine: it gets no work for agents, except the sample’s. {noWallMeans}
            </p>
            <label className="check">
              <input type="checkbox" checked={bare} onChange={(event) => setBare(event.target.checked)} />
              <span>Let agents work here all the same</span>
            </label>
          </fieldset>
        )}
        {decide.isError && <ProblemNotice problem={asProblem(decide.error)} />}
        <div className="row-of">
          <button className="btn pri" disabled={!ready || decide.isPending}>
            The words are the same: pair it
          </button>
          <button type="button" className="btn no" disabled={decide.isPending} onClick={() => decide.mutate('refuse')}>
            Refuse
          </button>
        </div>
      </form>
    </>
  )
}
