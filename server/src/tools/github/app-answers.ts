/**
 * The routes that make an App of GitHub: begun by a person, made at GitHub, installed, and then a connection like any other.
 * Each step takes a word that was given for it alone: it can be used once, within an hour, by the person who began, in their workspace.
 */
import { trimmedEnd } from '@viewportai/core/trimmed'
import { isRefusal, refuse, type Refusal } from '@viewportai/core/refusal'
import type { Context } from '../../context.ts'
import { inWorkspace } from '../../database/tenant.ts'
import { freshId } from '../../fresh-id.ts'
import type { Answers } from '../../http/answers.ts'
import { seal, unseal } from '../../keys/box.ts'
import { appPurpose } from '../../keys/sealed.ts'
import type { Asker } from '../../sign-in/asker.ts'
import { freshSecret, hashOf, looksLike } from '../../sign-in/secret.ts'
import { isTaken, keepConnection, shownConnection } from '../keep.ts'
import { withoutSecrets } from '../without-secrets.ts'
import { baseFlaw, webHostOf } from '@viewportai/core/tools/github/rest'
import { askerFor } from './ask.ts'
import { check } from './check.ts'
import { formPath, isPlainHost } from './app-form.ts'
import { github } from './tool.ts'
import { convert, formAddress, isOrganization, isPublic, manifestOf } from './manifest.ts'

type Names = 'startApp' | 'madeApp' | 'installedApp'
type Setup = {
  setup: string
  name: string
  base: string
  source: string
  app: string | null
  page: string | null
  sealed: string
}
type Kept = { private_key?: string; webhook_secret?: string }

const hour = 3_600_000
const reposAtMost = 50

export const githubAppAnswers = ({ db, key, own, outside }: Context): Pick<Answers, Names> => {
  const no = (why: string): Refusal => refuse('connection_refused', { tool: 'GitHub', why })

  /** Takes the word of a step: after that it is used up, whatever becomes of it. */
  const takeStep = (asker: Asker, state: string, step: 'code' | 'installation'): Promise<Setup | Refusal> =>
    inWorkspace(db, asker.workspace, async (tx) => {
      const { rows } = await tx.query<Setup>(
        `update vp.app_setups set state = null where workspace = $1 and state = $2 and step = $3 and person = $4 and created_at > vp.now_ms() - $5
          returning setup, name, base, source, app, page, sealed`,
        [tx.workspace, looksLike('vpg', state) ? hashOf(state) : '', step, asker.person, hour],
      )
      return (
        rows[0] ??
        no(
          'this way back from GitHub was used already, is older than an hour, or was begun by somebody else. Begin again.',
        )
      )
    })

  return {
    async startApp({ asker, body }) {
      const { name, organization } = body
      const base = trimmedEnd(body.base.trim(), '/')
      const flaw = baseFlaw(base)
      if (flaw !== null || !isPlainHost(new URL(base)))
        return refuse('invalid', { where: 'base', why: flaw ?? `"${base}" is not the address of an API` })
      const isOfApi = webHostOf({ base }) !== new URL(base).host
      if (isOfApi ? new URL(base).pathname !== '/' : !base.endsWith('/api/v3'))
        return refuse('invalid', {
          where: 'base',
          why: 'it is none of https://api.github.com, https://api.NAME.ghe.com and https://HOST/api/v3',
        })
      if (organization !== null && !isOrganization(organization))
        return refuse('invalid', { where: 'organization', why: 'it is not the name of an organization, like acme' })
      const state = freshSecret('vpg')
      const [setup, source] = [freshId('app'), freshId('src')]
      const held = await inWorkspace(db, asker.workspace, async (tx) => {
        if (await isTaken(tx, 'github', name)) return refuse('conflict', { what: `The connection ${name} to github` })
        // What nobody came back for is forgotten.
        await tx.query('delete from vp.app_setups where workspace = $1 and created_at < vp.now_ms() - $2', [
          tx.workspace,
          24 * hour,
        ])
        await tx.query(
          `insert into vp.app_setups (workspace, setup, person, step, state, name, base, source, sealed) values ($1, $2, $3, 'code', $4, $5, $6, $7, $8)`,
          [tx.workspace, setup, asker.person, hashOf(state), name, base, source, seal(key, appPurpose(setup), '{}')],
        )
        return null
      })
      if (held) return held
      const title = `Viewport ${new URL(own.url).hostname}`
      const form = {
        address: formAddress(base, organization, state),
        manifest: JSON.stringify(manifestOf({ name: title, own: own.url, source })),
        until: Date.now() + hour,
      }
      return { page: `${own.url}${formPath(key, form)}` }
    },
    async madeApp({ asker, body }) {
      const setup = await takeStep(asker, body.state, 'code')
      if (isRefusal(setup)) return setup
      const made = await convert(setup.base, body.code, outside).catch((error: Error) => ({
        problem: `GitHub could not be asked: ${error.message}. Begin again.`,
      }))
      if ('problem' in made) return no(made.problem)
      const next = freshSecret('vpg')
      const kept: Kept = { private_key: made.privateKey, webhook_secret: made.webhookSecret }
      await inWorkspace(db, asker.workspace, (tx) =>
        tx.query(
          `update vp.app_setups set step = 'installation', state = $3, app = $4, page = $5, sealed = $6 where workspace = $1 and setup = $2`,
          [
            tx.workspace,
            setup.setup,
            hashOf(next),
            made.app,
            made.page,
            seal(key, appPurpose(setup.setup), JSON.stringify(kept)),
          ],
        ),
      )
      return { app: made.slug, install: `${made.page}/installations/new?state=${next}` }
    },
    async installedApp({ asker, body }) {
      const setup = await takeStep(asker, body.state, 'installation')
      if (isRefusal(setup)) return setup
      const secrets = JSON.parse(unseal(key, appPurpose(setup.setup), setup.sealed)) as Record<string, string>
      const id = freshId('con')
      const settings: Record<string, string> = {
        base: setup.base,
        app: setup.app ?? '',
        installation: body.installation,
      }
      const asked = { id, workspace: asker.workspace, name: setup.name, settings, secrets }
      // GitHub tells the number by the address alone; the check asks whether it is an installation of this very App.
      const judged = await check(asked, outside).catch((error: Error) => ({
        problem: `It could not be asked: ${error.message}.`,
      }))
      if ('problem' in judged) {
        await inWorkspace(db, asker.workspace, (tx) =>
          tx.query('update vp.app_setups set state = $3 where workspace = $1 and setup = $2 and state is null', [
            tx.workspace,
            setup.setup,
            hashOf(body.state),
          ]),
        )
        return no(withoutSecrets(judged.problem, secrets))
      }
      if (!isPublic(own.url)) settings['repos'] = (await reposOf(asked, outside)).join(', ')
      return inWorkspace(db, asker.workspace, async (tx) => {
        if (await isTaken(tx, 'github', setup.name))
          return refuse('conflict', { what: `The connection ${setup.name} to github` })
        await keepConnection(tx, key, asker, github, {
          ...asked,
          tool: 'github',
          account: judged.account,
          source: setup.source,
        })
        await tx.query('delete from vp.app_setups where workspace = $1 and setup = $2', [tx.workspace, setup.setup])
        return {
          connection: await shownConnection(tx, id, own.url),
          made: {},
          notes: [
            ...judged.notes,
            isPublic(own.url)
              ? 'GitHub tells by the App’s webhook.'
              : 'GitHub cannot reach this address, so the webhook of the App is switched off and its repositories are asked about every half minute.',
          ],
        }
      })
    },
  }
}

/** Repositories of the installation, as many as are asked about at once. */
const reposOf = async (connection: Parameters<typeof check>[0], outside: Context['outside']): Promise<string[]> => {
  const { body } = await askerFor(connection, outside)('GET', '/installation/repositories?per_page=100')
  const { repositories } = (body ?? {}) as { repositories?: { full_name?: unknown }[] }
  return (repositories ?? [])
    .flatMap((one) => (typeof one.full_name === 'string' ? [one.full_name] : []))
    .slice(0, reposAtMost)
}
