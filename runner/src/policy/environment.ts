/** Which environment variables may the owner pass on to a step? */

/** Names that change what code a program loads or runs, or that hold vpd's own settings. They are refused, not dropped in silence. */
const never =
  /^(LD_.*|DYLD_.*|GIT_.*|NODE_OPTIONS|NODE_PATH|BASH_ENV|ENV|PYTHONSTARTUP|PYTHONPATH|PERL5OPT|RUBYOPT|JAVA_TOOL_OPTIONS|VPD_.*|VIEWPORT_.*|HOME|TMPDIR|PATH|SSH_.*)$/i

/** May a variable of this name be passed on? */
export const mayPass = (name: string): boolean => !never.test(name)

/** Does the name say that its value is a secret? Then it is redacted wherever it is passed on. */
export const soundsSecret = (name: string): boolean =>
  /(key|token|secret|passw|credential|auth|private|dsn|session|cookie)/i.test(name)
