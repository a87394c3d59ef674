/**
 * How does the engine get its own schema, and the one door through which a fact's transaction reaches it?
 * The engine's tables belong to vp_engine in the schema `engine`. The application may call `engine.vp_enqueue` and nothing else.
 */
import pg, { type Client } from 'pg'
import { steady, urlWith } from '../database/pool.ts'

/** Schema of the engine's tables, and the constant version its rows carry: a change of the engine's release must not strand them. */
export const engineSchema = 'engine'
export const engineVersion = 'vp-1'
export const engineName = 'viewport'

/** The release of the engine whose schema this program needs; a test holds it to package.json. Known without loading the engine. */
export const engineRelease = '5.3.0'

/** Brings the engine's schema to the release this program uses, once per release. `engineUrl`: the engine's login. */
export const ensureEngineSchema = async (admin: Client, engineUrl: string): Promise<boolean> => {
  const { rows } = await admin.query<{ engine: string | null; database: string }>(
    'select engine, current_database() as database from vp.installation',
  )
  if (rows[0]?.engine === engineRelease) return false
  const database = `"${rows[0]!.database.replaceAll('"', '""')}"`
  // The engine's first migration says CREATE SCHEMA IF NOT EXISTS, which needs this right even where the schema exists.
  await admin.query(`grant create on database ${database} to vp_engine`)
  try {
    await makeTables(asEngine(engineUrl))
    await admin.query('set role vp_engine')
    await admin.query(door)
  } finally {
    await admin.query('reset role')
    await admin.query(`revoke create on database ${database} from vp_engine`)
  }
  await admin.query('update vp.installation set engine = $1', [engineRelease])
  return true
}

/** The engine's own migrations; its public DBOS.migrate does the same and talks on stdout. */
const makeTables = async (url: string): Promise<void> => {
  const { ensureSystemDatabase } =
    (await import('@dbos-inc/dbos-sdk/internal/system_database')) as typeof import('@dbos-inc/dbos-sdk/internal/system_database')
  const pool = new pg.Pool({ connectionString: url, max: 1, application_name: 'viewport engine set-up' })
  const silent = { info() {}, debug() {}, warn() {}, error() {} }
  try {
    await ensureSystemDatabase(url, silent as never, pool, engineSchema)
  } finally {
    await pool.end()
  }
}

/** The engine's login acting as vp_engine, so that everything it makes belongs to that role. */
export const asEngine = (engineUrl: string): string => urlWith(engineUrl, { ...steady, role: 'vp_engine' })

const door = `
create or replace function ${engineSchema}.vp_enqueue(p_workflow text, p_queue text, p_id text, p_arg text) returns text
language sql security definer set search_path = ${engineSchema}, pg_temp as $f$
  select ${engineSchema}.enqueue_workflow(workflow_name => p_workflow, queue_name => p_queue, positional_args => array[to_json(p_arg)],
    workflow_id => p_id, app_version => '${engineVersion}', application_name => '${engineName}') $f$;
revoke all on all functions in schema ${engineSchema} from public;
grant usage on schema ${engineSchema} to vp_app;
grant execute on function ${engineSchema}.vp_enqueue(text, text, text, text) to vp_app;
`
