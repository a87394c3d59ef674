/** At which tools is it told how a run goes, when its work came from there? */

/** Tools at which one message can be kept up to date. */
export const statusTools = ['slack', 'github', 'gitlab', 'linear', 'jira'] as const
export type StatusTool = (typeof statusTools)[number]

/** When the file says nothing: where people talk and wait. An issue may be read by anybody, so its workflow says so. */
export const defaultStatus: readonly StatusTool[] = ['slack']

/** The tools of a workflow. */
export const statusPlaces = ({ status }: { readonly status?: readonly string[] | undefined }): readonly string[] =>
  status ?? defaultStatus
