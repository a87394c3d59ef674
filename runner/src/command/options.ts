/** Which options do many commands share? */
import type { Command } from 'commander'

export type Common = { home?: string; json?: boolean }
export type WithServer = Common & { server?: string; plainHttp?: boolean }

/** --home and --json. */
export const common = (command: Command): Command =>
  command
    .option(
      '--home <folder>',
      'where the runner keeps its keys, work and evidence (default: VPD_HOME, else ~/.viewport/runner)',
    )
    .option('--json', 'print JSON, for programs')

/** --server beside them. */
export const withServer = (command: Command): Command =>
  common(command)
    .option(
      '--server <url>',
      'the control plane (default: VIEWPORT_URL, the saved pairing, else a Viewport on this machine)',
    )
    .option('--plain-http', 'allow http:// to another machine: only where the network in between is trusted')
