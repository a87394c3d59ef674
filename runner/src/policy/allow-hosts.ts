/**
 * How does a host get into the policy without somebody editing YAML?
 * Added to what stands there, comments and order kept; only the owner of the machine does it, never a repository or a control plane.
 */
import { readFile, realpath, stat } from 'node:fs/promises'
import { isMap, isSeq, parseDocument } from 'yaml'
import { networkLines } from '@viewportai/core/try/installs'
import { isMissing, writeDurably } from '../disk/durable.ts'
import { parsePolicy, PolicyInvalid, type Policy } from './policy.ts'

export type Allow = {
  /** As a policy names them. */
  readonly hosts: readonly string[]
  /** Of these, those that may be on this machine or its network. */
  readonly near: readonly string[]
  readonly for: readonly ('checks' | 'agents')[]
}

/** The text of the policy with these hosts allowed; what is allowed already, or is `open`, stays as it is. Throws PolicyInvalid when it does not hold, before or after. */
export const withHosts = (text: string, file: string, allow: Allow): string => {
  const { network } = parsePolicy(text, file)
  const { contents } = parseDocument(text)
  const before = isMap(contents) && (contents.flow === true || contents.has('network')) ? network : null
  const after = before === null ? appended(text, allow) : edited(text, before, allow)
  if (!allows(parsePolicy(after, file), allow))
    throw new PolicyInvalid([`${file}: network is written so that it cannot be added to; write the hosts in by hand`])
  return after
}

/** Behind all that stands there, which stays byte for byte. */
const appended = (text: string, { hosts, near, for: who }: Allow): string =>
  `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${networkLines(hosts, near, who).join('\n')}\n`

/** Into the lists that stand there. */
const edited = (text: string, before: Policy['network'], allow: Allow): string => {
  const document = parseDocument(text)
  const add = (key: 'checks' | 'agents' | 'near', hosts: readonly string[]): void => {
    const now = before[key]
    const missing = now === 'open' ? [] : hosts.filter((one) => !now.includes(one))
    if (missing.length === 0) return
    const there = document.getIn(['network', key], true)
    if (isSeq(there)) for (const one of missing) there.add(document.createNode(one))
    else {
      const list = document.createNode(missing)
      list.flow = true
      if (!isMap(document.get('network', true))) document.set('network', document.createNode({}))
      document.setIn(['network', key], list)
    }
  }
  for (const key of allow.for) add(key, allow.hosts)
  add('near', allow.near)
  return document.toString({ lineWidth: 0, flowCollectionPadding: false })
}

const allows = ({ network }: Policy, { hosts, near, for: who }: Allow): boolean =>
  who.every((key) => network[key] === 'open' || hosts.every((one) => network[key].includes(one))) &&
  near.every((one) => network.near.includes(one))

/** Writes it in one step, with the mode that the file has. True: something was written; false: all of it was allowed already. */
export const allowHosts = async (file: string, allow: Allow): Promise<boolean> => {
  const place = await realpath(file).catch((error: unknown) => {
    if (isMissing(error)) return file
    throw error
  })
  const text = await readFile(place, 'utf8').catch((error: unknown) => {
    if (isMissing(error)) return null
    throw error
  })
  if (text !== null && allows(parsePolicy(text, file), allow)) return false
  const mode = text === null ? 0o600 : (await stat(place)).mode & 0o777
  await writeDurably(place, withHosts(text ?? '', file, allow), mode)
  return true
}
