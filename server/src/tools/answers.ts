/** The routes about connections. A tool is asked before anything is kept; no answer ever holds a secret that was given to us. */
import { randomBytes } from 'node:crypto'
import { tools as forms } from '@viewportai/core/event/tools'
import { actingAt, actingNames, withheld } from '@viewportai/core/tools/acting'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { Context } from '../context.ts'
import { inWorkspace, type Tx } from '../database/tenant.ts'
import { freshId } from '../fresh-id.ts'
import type { Answers } from '../http/answers.ts'
import { record } from '../ledger/pending.ts'
import { asPerson } from '../sign-in/asker.ts'
import { endOldSecrets } from '../sources/old-secrets.ts'
import { freshWebhookSecret } from '../sources/secret.ts'
import { hopeAgain } from '../status/hope-again.ts'
import { opened, readConnection, readConnections, sealSecrets, type ConnectionRow } from './connections.ts'
import { tellAccounts } from './held-by.ts'
import { aroundConnections, isTaken, keepConnection, shownConnection, viewOf } from './keep.ts'
import type { Account, ConnectField } from '@viewportai/core/tools/port'
import type { Connection, Tool } from './port.ts'
import { leaveServer } from './moved.ts'
import { planPolls } from './polls.ts'
import { runsThatUse } from './in-use.ts'
import { endOldSending } from './sending.ts'
import { keepOldSigning } from './signing.ts'
import { besideNotes, homelessNotes, lostAccounts, strangePlaces } from './what-it-means.ts'
import { withoutSecrets } from './without-secrets.ts'
import { toolNamed, toolNames } from './table.ts'

type Names = 'tools' | 'connections' | 'addConnection' | 'changeConnection' | 'checkConnection' | 'removeConnection'

type Given = { settings: Record<string, string>; secrets: Record<string, string>; made: Record<string, string> }

/** The fields that are asked for, and the names of those that are not because a runner holds the credential. */
type Wished = { readonly fields: readonly ConnectField[]; readonly without: readonly string[] }

const wished = (name: string, tool: Tool, held: boolean): Wished => {
  const without = held ? withheld(name) : []
  return { fields: tool.fields.filter((field) => !without.includes(field.name)), without }
}

const notKnown = (name: string, { places }: ConnectionRow): Refusal => {
  const known = Object.keys(places).toSorted()
  return refuse('invalid', {
    where: 'forget',
    why: `the connection knows no number of ${JSON.stringify(name)}; it knows ${known.length === 0 ? 'none' : known.slice(0, 20).join(', ')}${known.length > 20 ? ' and more' : ''}`,
  })
}

/** Values split into what is shown and what is sealed; what may be made is made. `before`: what a change leaves out stays. */
const given = (
  { fields, without }: Wished,
  values: Readonly<Record<string, string>>,
  before: Pick<Connection, 'settings' | 'secrets'> | null,
): Given | Refusal => {
  const known = new Set(fields.map((field) => field.name))
  // `home` and `home.TEAM`: where messages of a team go that have no thread. Every tool has them.
  const isHome = (name: string): boolean => /^home(\.[a-z0-9][a-z0-9-]{0,62})?$/.test(name)
  const elsewhere = Object.entries(values).find(([name, value]) => without.includes(name) && value !== '')
  if (elsewhere)
    return refuse('invalid', {
      where: `values.${elsewhere[0]}`,
      why: 'a runner holds the credential of this connection: keep it there (`vpd credentials set provider TOOL`), and give none here',
    })
  const unknown = Object.keys(values)
    .filter((name) => !without.includes(name))
    .find((name) => !known.has(name) && !isHome(name))
  if (unknown !== undefined)
    return refuse('invalid', { where: `values.${unknown}`, why: `it takes ${[...known].join(', ')}` })
  const settings: Record<string, string> = { ...before?.settings }
  const moved = before === null ? undefined : fields.find((field) => isMoved(field, values, before.settings))
  const unsaid =
    moved &&
    fields.find(({ name, otherwise, signs }) => isLeftOut(name, values, before) && otherwise !== 'made' && !signs)
  if (unsaid)
    return refuse('invalid', {
      where: `values.${unsaid.name}`,
      why: `${moved.title} changes, and ${unsaid.title} was given for the one before: give it again${unsaid.required ? '' : ', or empty to drop it'}`,
    })
  // What judges what comes in is sent to nobody: the sender goes on with it, wherever we ask.
  const stays = new Set(fields.filter(({ signs }) => !moved || signs).map(({ name }) => name))
  const secrets: Record<string, string> = Object.fromEntries(
    Object.entries(before?.secrets ?? {}).filter(([name]) => stays.has(name)),
  )
  const made: Record<string, string> = {}
  for (const [name, value] of Object.entries(values))
    if (isHome(name) && !known.has(name)) {
      if (value === '') delete settings[name]
      else settings[name] = value
    }
  for (const field of fields) {
    const kept = field.secret ? secrets : settings
    const value = values[field.name]?.trim()
    if (value) kept[field.name] = value
    else if (value === '' && !field.required) delete kept[field.name]
    else if (kept[field.name] === undefined && field.otherwise === 'made')
      made[field.name] = kept[field.name] = freshWebhookSecret()
    else if (kept[field.name] === undefined && field.otherwise !== null) kept[field.name] = field.otherwise
    if (field.required && !kept[field.name])
      return refuse('invalid', { where: `values.${field.name}`, why: `${field.title} is needed: ${field.says}` })
  }
  return { settings, secrets, made }
}

/** Would the secrets go to somebody else than they were given for? */
const isMoved = (
  { name, host, otherwise }: ConnectField,
  values: Readonly<Record<string, string>>,
  before: Connection['settings'],
): boolean =>
  host === true && values[name] !== undefined && (values[name].trim() || otherwise) !== (before[name] ?? null)

/** Is it a secret that is kept, and the change says nothing of it? */
const isLeftOut = (
  name: string,
  values: Readonly<Record<string, string>>,
  before: Pick<Connection, 'secrets'> | null,
): boolean => before?.secrets[name] !== undefined && values[name] === undefined

/** Of another server: what its sender must go on with. */
const staysNotes = (
  { fields }: Pick<Tool, 'fields'>,
  values: Readonly<Record<string, string>>,
  secrets: Connection['secrets'],
): string[] =>
  fields
    .filter(({ signs, name }) => signs && !values[name]?.trim() && secrets[name] !== undefined)
    .map(
      ({ title }) =>
        `${title} stays as it was: what comes in is judged by it, whichever server sends it. Where the other server has another one, give it as well.`,
    )

/** How people call a tool. */
const titleOf = (name: string): string => toolNamed(name)?.title ?? forms[name]?.title ?? name

const notHeld = (tool: string): Refusal =>
  refuse('invalid', {
    where: 'held',
    why: `no runner can hold the credential of ${tool}; of ${actingNames.join(', ')} one can`,
  })

/** What a runner holds is not kept here. */
const kept = (
  { settings, secrets }: Connection,
  without: readonly string[],
): Pick<Connection, 'settings' | 'secrets'> => {
  const rest = (all: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(all).filter(([name]) => !without.includes(name)))
  return { settings: rest(settings), secrets: rest(secrets) }
}

/** The tool is not asked: only a runner could. That it leads somewhere is looked at all the same. */
const judgedUnasked = (tool: string, settings: Readonly<Record<string, string>>): Judged | Refusal => {
  const at = actingAt(tool)!.at
  const address = settings[at] ?? ''
  const isAddress = URL.canParse(address) && /^https?:$/.test(new URL(address).protocol)
  if (!isAddress || new URL(address).username || new URL(address).search)
    return refuse('invalid', { where: `values.${at}`, why: `"${address}" is not an address that begins with https://` })
  return {
    account: null,
    notes: [
      `Nothing was asked of ${titleOf(tool)}: a runner is to hold the credential, kept there by the command that stands with the connection.`,
      ...(tool === 'webhook'
        ? []
        : [
            'What the runner does not do with it is not done: events are not asked for, and none is fetched again before it starts something.',
          ]),
    ],
  }
}

type Judged = { readonly account: Account | null; readonly notes: readonly string[] }

export const connectionAnswers = ({ db, key, own, outside }: Context): Pick<Answers, Names> => {
  const checked = async (
    tool: Tool,
    title: string,
    connection: Omit<Connection, 'account'>,
  ): Promise<Judged | Refusal> => {
    const answer = await tool
      .check(connection, outside)
      .catch((error: Error) => ({ problem: `It could not be asked: ${error.message}.` }))
    return 'problem' in answer
      ? refuse('connection_refused', { tool: title, why: withoutSecrets(answer.problem, connection.secrets) })
      : answer
  }
  const shown = (tx: Tx, id: string) => shownConnection(tx, id, own.url)
  const missing = (id: string): Refusal => refuse('not_found', { what: 'connection', id })

  return {
    tools: async () => ({
      tools: toolNames.map((name) => {
        const tool = toolNamed(name)!
        return {
          tool: name,
          title: titleOf(name),
          fields: tool.fields.map((field) => ({
            ...field,
            host: field.host === true,
            lines: field.lines === true,
            signs: field.signs === true,
            sends: field.sends === true,
          })),
          hook: tool.hookWords,
          make: tool.make ?? null,
          line: tool.line !== undefined,
          polled: tool.poll !== null,
          actions: Object.keys(tool.actions),
          held: actingAt(name) ? withheld(name) : null,
        }
      }),
    }),
    connections: ({ asker }) =>
      inWorkspace(db, asker.workspace, async (tx) => {
        const around = await aroundConnections(tx)
        return { connections: (await readConnections(tx)).map((row) => viewOf(row, around, own.url)) }
      }),
    async addConnection({ asker, body }) {
      const tool = toolNamed(body.tool)
      if (!tool) return refuse('not_found', { what: 'tool to connect called', id: body.tool })
      const held = body.held ?? false
      if (held && !actingAt(body.tool)) return notHeld(body.tool)
      const values = given(wished(body.tool, tool, held), body.values, null)
      if (isRefusal(values)) return values
      const { settings, secrets, made } = values
      const id = freshId('con')
      const asked = { id, workspace: asker.workspace, name: body.name, settings, secrets }
      const judged = held ? judgedUnasked(body.tool, settings) : await checked(tool, titleOf(body.tool), asked)
      if (isRefusal(judged)) return judged
      const places = await strangePlaces(tool, titleOf(body.tool), asked, body.values, { outside, held })
      return inWorkspace(db, asker.workspace, async (tx) => {
        if (await isTaken(tx, body.tool, body.name))
          return refuse('conflict', { what: `The connection ${body.name} to ${body.tool}` })
        await keepConnection(tx, key, asker, tool, {
          ...asked,
          tool: body.tool,
          account: judged.account,
          source: freshId('src'),
          held,
        })
        if (held) await tellAccounts(tx, asPerson(asker))
        const beside = await besideNotes(tx, body.tool, titleOf(body.tool))
        return {
          connection: await shown(tx, id),
          made,
          notes: [...judged.notes, ...beside, ...(await homelessNotes(tx, body.values)), ...places],
        }
      })
    },
    async changeConnection({ asker, params, body }) {
      const row = await inWorkspace(db, asker.workspace, (tx) => readConnection(tx, params.connection))
      const tool = row && toolNamed(row.tool)
      if (!row || !tool) return missing(params.connection)
      const held = body.held ?? row.held
      if (held && !actingAt(row.tool)) return notHeld(row.tool)
      const seen = opened(key, asker.workspace, row)
      const values = given(wished(row.tool, tool, held), body.values, kept(seen, held ? withheld(row.tool) : []))
      if (isRefusal(values)) return values
      const { settings, secrets, made } = values
      const forget = (body.forget ?? []).map((name) => name.toLowerCase())
      const strange = forget.find((name) => row.places[name] === undefined)
      if (strange !== undefined) return notKnown(strange, row)
      // Numbers are a server's own: at another one they mean nothing.
      const moved = tool.fields.some(({ name, host }) => host && settings[name] !== row.settings[name])
      const asked = { id: row.connection, workspace: asker.workspace, name: row.name, settings, secrets }
      const judged = held ? judgedUnasked(row.tool, settings) : await checked(tool, titleOf(row.tool), asked)
      if (isRefusal(judged)) return judged
      const places = await strangePlaces(tool, titleOf(row.tool), asked, body.values, { outside, held })
      return inWorkspace(db, asker.workspace, async (tx) => {
        const to = { seen: seen.secrets, next: secrets }
        const old = await keepOldSigning(tx, key, tool, row.connection, to, {
          hours: body.oldHours,
          elsewhere: moved,
        })
        if (isRefusal(old)) return old
        const { rowCount } = await tx.query(
          `update vp.connections set settings = $3, sealed = $4, account = $5, held = $6, places = case when $7 then '{}'::jsonb else places - $8::text[] end, line_at = null, problem = null, checked_at = vp.now_ms(), settings_at = vp.now_ms() where workspace = $1 and connection = $2 and removed_at is null`,
          [
            tx.workspace,
            row.connection,
            settings,
            sealSecrets(key, row.connection, old.secrets),
            judged.account,
            held,
            moved,
            forget,
          ],
        )
        if (rowCount === 0) return missing(params.connection)
        const connection = {
          id: row.connection,
          workspace: tx.workspace,
          name: row.name,
          settings,
          secrets: old.secrets,
        }
        if (moved) await leaveServer(tx, tool, row)
        await planPolls(tx, held ? null : tool, { ...connection, account: judged.account })
        await hopeAgain(tx, row.connection)
        record(tx, {
          type: 'connection.changed',
          by: asPerson(asker),
          data: {
            connection: row.connection,
            tool: row.tool,
            name: row.name,
            settings,
            account: judged.account?.name ?? null,
            secrets: tool.fields
              .filter(({ secret, name }) => secret && (body.values[name]?.trim() || made[name] !== undefined))
              .map(({ name }) => name),
            ...old.replaced,
            ...(held !== row.held && { held }),
            ...(forget.length > 0 && { forgot: forget }),
          },
        })
        if (held) await tellAccounts(tx, asPerson(asker))
        tx.nudge('connection', row.connection)
        const notes = [
          ...judged.notes,
          ...(moved ? staysNotes(tool, body.values, secrets) : []),
          ...(await besideNotes(tx, row.tool, titleOf(row.tool))),
          ...(await lostAccounts(tx, tool, row, settings)),
          ...(await homelessNotes(tx, body.values)),
          ...places,
        ]
        return { connection: await shown(tx, row.connection), made, notes }
      })
    },
    async checkConnection({ asker, params }) {
      const row = await inWorkspace(db, asker.workspace, (tx) => readConnection(tx, params.connection))
      const tool = row && toolNamed(row.tool)
      if (!row || !tool) return missing(params.connection)
      // Who holds it is known without asking the tool, which takes the credential.
      if (row.held) return inWorkspace(db, asker.workspace, (tx) => shown(tx, row.connection))
      const judged = await checked(tool, titleOf(row.tool), opened(key, asker.workspace, row))
      return inWorkspace(db, asker.workspace, async (tx) => {
        await tx.query(
          'update vp.connections set problem = $3, account = coalesce($4::json, account), checked_at = vp.now_ms() where workspace = $1 and connection = $2',
          [
            tx.workspace,
            row.connection,
            isRefusal(judged) ? judged.words : null,
            isRefusal(judged) ? null : judged.account,
          ],
        )
        tx.nudge('connection', row.connection)
        return shown(tx, row.connection)
      })
    },
    removeConnection: ({ asker, params, query }) =>
      inWorkspace(db, asker.workspace, async (tx) => {
        const row = await readConnection(tx, params.connection)
        if (!row) return missing(params.connection)
        const runs = query.confirmed === 'true' ? null : await runsThatUse(tx, row.connection)
        if (runs !== null) return refuse('connection_in_use', { name: row.name, runs })
        // Erased at once, not only hidden: what is not there cannot leak.
        await tx.query(
          'update vp.connections set removed_at = vp.now_ms(), sealed = $3 where workspace = $1 and connection = $2',
          [tx.workspace, row.connection, sealSecrets(key, row.connection, { erased: randomBytes(8).toString('hex') })],
        )
        await tx.query(
          'update vp.sources set removed_at = vp.now_ms() where workspace = $1 and connection = $2 and removed_at is null',
          [tx.workspace, row.connection],
        )
        if (row.source !== null) await endOldSecrets(tx, row.source)
        await endOldSending(tx, row.connection)
        await tx.query('delete from vp.polls where workspace = $1 and connection = $2', [tx.workspace, row.connection])
        record(tx, {
          type: 'connection.removed',
          by: asPerson(asker),
          data: { connection: row.connection, tool: row.tool, name: row.name },
        })
        tx.nudge('connection', row.connection)
        return undefined
      }),
  }
}
