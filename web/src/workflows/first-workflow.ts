/** What stands in the editor of a new workflow: the short form, ready to be changed. */
export const firstWorkflow = `name: bug-to-change
team: payments                # owns it; decides by default
trigger:
  manual: {}                  # started by hand
repos: [acme/payments-api]
approvals: [plan_review, pr_approval]
actions: [git.open_change]
runner: { pool: default }
`
