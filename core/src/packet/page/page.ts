/**
 * How does a packet read for people, without a script and without a network?
 * A reading of the facts, nothing more: where page and facts differ, the facts are right.
 */
import { sha256 } from '@noble/hashes/sha2.js'
import { runTitle, sourceLabel } from '../../match/title.ts'
import { evolve } from '../../run/evolve.ts'
import { runUsage, type RunState } from '../../run/state.ts'
import { whyNoCost } from '../../run/why-no-cost.ts'
import { timeline } from '../../view/timeline.ts'
import { toBase64 } from '../base64.ts'
import { keyWindowWords, type PacketKey } from '../keys.ts'
import { startOf, type Link } from '../links.ts'
import { factsFile, keyName, pemFile, readmeFile } from '../names.ts'
import { isoTime, utcTime } from '../time.ts'
import { bytesOf } from '../utf8.ts'
import { decisionsPart } from './decisions.ts'
import { changePart, effectsPart } from './effects.ts'
import { dollars, escaped, html, link, mono, pairs, section, table, type Html } from './html.ts'
import { style } from './style.ts'
import { attemptsPart, checksPart, contextPart } from './work.ts'

export type PageInput = {
  links: readonly Link[]
  keys: readonly PacketKey[]
  reports: readonly number[]
  bodies: number
  signer: string
  exportedAt: number
}

/** The whole page as bytes of HTML. */
export const pageBytes = (input: PageInput): Uint8Array => {
  const state = input.links.reduce<RunState | null>((before, { fact }) => evolve(before, fact), null)!
  const title = `Run ${state.number}: ${runTitle(state.spec.event)}`
  const body = [
    headPart(input, state),
    decisionsPart(input.links, state),
    effectsPart(input.links, state),
    changePart(state),
    checksPart(input.links),
    attemptsPart(input.links),
    contextPart(input.links, state),
    storyPart(input.links, state),
    proofPart(input),
  ]
  // The style is allowed by its digest; nothing else may load, run, frame or be sent.
  const policy = `default-src 'none'; style-src 'sha256-${toBase64(sha256(bytesOf(style)))}'; base-uri 'none'; form-action 'none'`
  return bytesOf(`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${escaped(title)}</title>
<style>${style}</style>
</head>
<body>
${body.map((part) => part.html).join('\n')}
</body>
</html>
`)
}

const headPart = ({ links, exportedAt, bodies }: PageInput, state: RunState): Html => {
  const start = startOf(links).fact
  const { spec } = state
  const tone = state.finished === null ? 'run' : state.finished.outcome === 'succeeded' ? 'done' : 'stop'
  const usage = runUsage(state)
  return html`<header>
    <p class="over">Audit packet</p>
    <h1>${runTitle(spec.event)}</h1>
    <p class="sub">
      Run ${state.number}, ${spec.workflow.name} v${spec.workflow.version}:
      <b class="${tone}">${state.finished?.outcome ?? 'not ended'}</b>${state.finished ? `. ${state.finished.why}` : ''}
    </p>
    ${state.tainted ? html`<p class="taint">Text from outside the workspace reached this run.</p>` : null}
    ${pairs([
      [
        'Started by',
        html`${link(spec.event.subject.url, sourceLabel(spec.event))}, ${spec.event.tool} ${spec.event.event},
        ${spec.requester.name}`,
      ],
      ['Started', utcTime(start.at)],
      ['Ended', state.finished ? utcTime(state.finished.at) : 'not when this packet was made'],
      ['Packet made', utcTime(exportedAt)],
      ['Cost', usage.usdMicros !== null ? dollars(usage.usdMicros) : whyNoCost(usage)],
      [
        'Bodies',
        bodies
          ? `${bodies} in this packet`
          : 'left out: plans, patches and logs stay where they were; their digests are here',
      ],
      ['Run', mono(state.run)],
      ['Facts', html`${links.length}, head ${mono(links.at(-1)!.hash)}`],
      ['Workflow', mono(spec.workflow.digest)],
      ['Run spec', mono(state.specDigest)],
    ])}
  </header>`
}

const storyPart = (links: readonly Link[], state: RunState): Html => {
  const agents = { ...state.spec.pins.agents }
  const items = timeline(
    links.map(({ fact }) => fact),
    agents,
    state.intents,
  )
  return section(
    'story',
    'What happened',
    html`<ol class="story">
      ${items.map(
        (item) =>
          html`<li>
            <time datetime="${isoTime(item.at)}">${utcTime(item.at)}</time><span class="mark ${item.tone}"></span>
            <div>
              <b>${item.bold}</b
              >${item.rest}${item.evidence ? html`<br /><span class="sub">${item.evidence}</span>` : ''}
              <span class="dim">fact ${item.seq}</span>
            </div>
          </li>`,
      )}
    </ol>`,
  )
}

const proofPart = ({ keys, reports, signer, links }: PageInput): Html =>
  section(
    'proof',
    'How to check this',
    html`<p>
      This page is a reading of <code>${factsFile}</code>. A page can be rewritten by anybody; the signatures cannot.
      Check them with a key that you have from Viewport itself, not from this packet:
    </p>`,
    html`<pre>vpd audit verify PACKET.zip --key viewport.keys.json</pre>`,
    html`<p>
      <code>${readmeFile}</code> has the same for OpenSSL 3 and sha256sum alone. The control plane signed with the key
      <code>${signer}</code>. Of ${links.length} facts, ${reports.length} stand on reports that their runner signed
      itself.
    </p>`,
    table(
      ['Key of', 'Counts', 'Id', 'File'],
      keys.map((key) => [
        key.owner.kind === 'runner' ? `runner ${key.owner.name}` : 'control plane',
        keyWindowWords(key),
        mono(key.kid),
        html`<code>${pemFile(keyName(key))}</code>`,
      ]),
    ),
  )
