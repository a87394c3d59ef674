/**
 * How long is it from an event to the agent? The whole product: a signed webhook comes in, a paired runner of this machine clones the
 * repository, and a program is started as the agent behind its wall. What it prints, the plan, says when it began.
 */
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { pathToFileURL } from 'node:url'
import { detectBubblewrap } from '@viewportai/daemon/src/walls/detect.ts'
import { findVpd, runnerEnvironment } from '@viewportai/viewport/src/sample/runner-program.ts'
import { inWorkspace } from '@viewportai/viewport/src/database/tenant.ts'
import { startBare } from './bare.ts'
import { bugReport, signed } from './event.ts'
import { median, ms, notMeasured, p95Of, type Figure } from './figures.ts'
import { sender } from './requests.ts'
import { pause, until } from './until.ts'
import { endOf, type Place } from './place.ts'
import type { Size } from './size.ts'

/** The approval of the plan is the word on what the webhook told, and until then the agent plans behind a sandbox (docs/decisions/025). */
const source = `name: plan-bug
team: payments
trigger: { webhook: { type: bug.reported } }
repos: [acme/shop]
steps:
  - { id: plan, agent: clock, mode: plan }
  - { gate: plan_review, of: plan, approvers: [team:payments] }
runner: { pool: local, isolation: sandbox }
`

// `read` until the end: the prompt is taken, as an agent would.
const clock = [
  '/bin/sh',
  '-c',
  `began=$(date +%s%N); while read -r _; do :; done; echo "1. Begin at $began."; echo '2. Set the price.'`,
]
const beganIn = (plan: string): number => {
  const nanos = /Begin at (\d{19})\./.exec(plan)?.[1]
  if (nanos === undefined) throw new Error(`the agent did not say when it began: ${plan.slice(0, 300)}`)
  return Number(nanos) / 1e6
}

const [what, goal] = ['event sent to agent process started, p95', 200]
/** Events one after the other, each to an idle runner; the bare server clones and starts the same program, without a wall. */
export const agentFigures = async (place: Place, { rounds, agent: { warm, events } }: Size): Promise<Figure[]> => {
  const found = await detectBubblewrap()
  if ('why' in found) return [notMeasured(what, `<= ${ms(goal)}`, `bubblewrap: ${found.why}`)]
  const folder = mkdtempSync(path.join(tmpdir(), 'viewport-bench-agent-'))
  const repository = makeRepository(folder)
  await place.api.addRepository({ body: { name: 'acme/shop', url: repository, defaultBranch: 'main' } })
  const worker = await startRunner(place, folder, clock, { server: place.url })
  const bare = await startBare(place)
  try {
    await place.api.saveWorkflow({ body: { source } })
    await place.api.enableWorkflow({ params: { workflow: 'plan-bug' }, body: { enabled: true } })
    const hook = await place.api.addSource({ body: { name: 'bench' } })
    const one = async (url: string, rest: string, body: string) => {
      const { send, close } = sender(url, 1)
      const headers = signed(hook.secret, body)
      const began = performance.timeOrigin + performance.now()
      const answer = await send('POST', rest, headers, body)
      if (answer.status >= 300) throw new Error(`${rest} answered ${answer.status}: ${answer.body}`)
      close()
      return { began, body: answer.body }
    }
    let waits = 0
    const ours = async (): Promise<number> => {
      const { began } = await one(place.url, new URL(hook.source.url).pathname, bugReport(waits))
      waits++
      await until('the run waits for the decision on its plan', async () => (await planned(place)).length >= waits)
      const plan = (await planned(place))[waits - 1]!
      const took = beganIn(await bodyOf(place, plan)) - began
      await pause(100) // the runner asks for work again
      return took
    }
    const theirs = async (): Promise<number> => {
      const { began, body } = await one(bare.url, '/agent', JSON.stringify({ repository, argv: clock, folder }))
      return beganIn(body) - began
    }
    const [all, bareAll]: number[][][] = [[], []]
    for (let n = 0; n < warm; n++) await ours()
    for (let round = 0; round < rounds; round++) {
      const [mine, bareMine]: number[][] = [[], []]
      for (let n = 0; n < events; n++) mine!.push(await ours())
      for (let n = 0; n < events; n++) bareMine!.push(await theirs())
      all!.push(mine!)
      bareAll!.push(bareMine!)
    }
    return [
      p95Of(what, all!, goal, {
        instead: { what: 'bare server, insert, clone, spawn, no wall:', rounds: bareAll! },
        note: await stages(place),
      }),
    ]
  } finally {
    await bare.close()
    await endOf(worker)
    rmSync(folder, { recursive: true, force: true })
  }
}

type Plan = { readonly run: string; readonly digest: string }
/** The plans that wait for their decision, in the order their runs began. */
const planned = (place: Place): Promise<Plan[]> =>
  inWorkspace(
    place.db,
    place.workspace,
    async (tx) =>
      (
        await tx.query<Plan>(
          `select r.run, f.text::jsonb #>> '{data,result,body,digest}' as digest from vp.runs r join vp.facts f on f.workspace = $1 and f.run = r.run and f.type = 'step.finished'
             where r.workspace = $1 and r.status = 'waiting' order by r.number`,
          [place.workspace],
        )
      ).rows,
  )

/** A body at the edge, by the control plane from the runner. */
const bodyOf = async (place: Place, { run, digest }: Plan): Promise<string> => {
  const answer = await fetch(`${place.url}/api/runs/${run}/bodies/${digest}`, {
    headers: { authorization: `Bearer ${place.token}` },
  })
  const text = await answer.text()
  if (!answer.ok) throw new Error(`the plan of ${run}: ${answer.status} ${text}`)
  return text
}

/** Where the time goes, by the database's clock: medians over all runs. */
const stages = (place: Place): Promise<string> =>
  inWorkspace(place.db, place.workspace, async (tx) => {
    const { rows } = await tx.query<{ run: number; offered: number; begun: number }>(
      `select r.started_at - d.received_at as run, l.offered_at - r.started_at as offered,
         (select min(f.at) from vp.facts f where f.workspace = $1 and f.run = r.run and f.type = 'step.started') - l.offered_at as begun
       from vp.runs r join vp.deliveries d on d.workspace = $1 and d.delivery = r.delivery join vp.leases l on l.workspace = $1 and l.run = r.run where r.workspace = $1`,
      [place.workspace],
    )
    const middle = (name: 'run' | 'offered' | 'begun'): string => ms(median(rows.map((row) => row[name])))
    return `medians: stored to run started ${middle('run')}, to leased ${middle('offered')}, to the runner's first report ${middle('begun')}`
  })

/** A small repository with one commit on main; its URL. */
export const makeRepository = (folder: string): string => {
  const [work, remote] = [path.join(folder, 'work'), path.join(folder, 'shop.git')]
  mkdirSync(path.join(work, 'src'), { recursive: true })
  writeFileSync(path.join(work, 'package.json'), '{ "name": "shop", "scripts": { "test": "node --test" } }\n')
  for (let n = 0; n < 40; n++)
    writeFileSync(path.join(work, 'src', `price-${n}.js`), `export const price = ${n}\n`.repeat(50))
  const git = (cwd: string, ...words: string[]): void => {
    const { status, stderr } = spawnSync(
      'git',
      ['-c', 'user.name=bench', '-c', 'user.email=bench@example.com', '-c', 'commit.gpgSign=false', ...words],
      { cwd, encoding: 'utf8', env: { PATH: process.env['PATH'], HOME: folder, GIT_CONFIG_NOSYSTEM: '1' } },
    )
    if (status !== 0) throw new Error(`git ${words[0]}: ${stderr}`)
  }
  git(work, 'init', '--quiet', '--initial-branch=main')
  git(work, 'add', '--all')
  git(work, 'commit', '--quiet', '--message', 'The shop')
  git(folder, 'clone', '--quiet', '--bare', work, remote)
  return pathToFileURL(remote).href
}

/** Pairs a runner the way an admin does, in a pool of its transport's name or `local`, and brings it online. Its one agent is called `clock`. */
export const startRunner = async (
  place: Pick<Place, 'api'>,
  folder: string,
  agent: readonly string[],
  { server, pool = 'local', transport = 'polling' }: { server: string; pool?: string; transport?: string },
): Promise<ChildProcess> => {
  const home = path.join(folder, `runner-${pool}`)
  const env = runnerEnvironment(home, process.env)
  mkdirSync(env['VPD_HOME']!, { recursive: true })
  writeFileSync(
    path.join(env['VPD_HOME']!, 'policy.yaml'),
    `commands:\n  clock: { argv: ${JSON.stringify(agent)}, modes: [plan] }\n`,
  )
  const [program, ...words] = findVpd(env['PATH'] ?? '') ?? []
  if (!program) throw new Error('There is no vpd beside the bench.')
  const start = (rest: string[]): ChildProcess =>
    spawn(program, [...words, ...rest, '--json', '--server', server], {
      env,
      cwd: home,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
  const pairing = start(['pair', '--worker', '--name', pool, '--pool', pool])
  for await (const line of createInterface({ input: pairing.stdout! })) {
    const said = JSON.parse(line) as { event: string; code: string }
    if (said.event !== 'code') continue
    const found = await place.api.findPairing({ body: { code: said.code } })
    await place.api.decidePairing({
      params: { pairing: found.id },
      body: {
        verdict: 'approve',
        name: pool,
        pool,
        repositories: ['acme/shop'],
        words: found.words,
        acceptNoWall: found.capabilities.isolation.level === 'none',
      },
    })
  }
  const worker = start(['worker', 'start', '--mode', 'persistent', '--transport', transport])
  for await (const line of createInterface({ input: worker.stdout! }))
    if ((JSON.parse(line) as { event: string }).event === 'online') break
  worker.stdout!.resume()
  return worker
}
