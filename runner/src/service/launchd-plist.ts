/** How does launchd on macOS run a worker? It has no walls of its own: the sandbox of steps is vpd's. */
import { oneLine, workerWords, writtenBy, type WorkerLine } from './worker-line.ts'

export const label = 'dev.viewport.vpd'

const text = (value: string): string =>
  `<string>${oneLine(value).replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</string>`

/** The property list's text. It is started again after a fault, not after a calm end; a stop gives it time to end its work. */
export const launchdPlist = (line: WorkerLine): string => `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${writtenBy} -->
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>
  ${text(label)}
  <key>ProgramArguments</key>
  <array>
${workerWords(line)
  .map((word) => `    ${text(word)}`)
  .join('\n')}
  </array>
  <key>EnvironmentVariables</key>
  <dict>
    <key>PATH</key>
    ${text(line.path)}
  </dict>
${line.user === null ? '' : `  <key>UserName</key>\n  ${text(line.user)}\n`}  <key>WorkingDirectory</key>
  ${text(line.home)}
  <key>StandardOutPath</key>
  ${text(`${line.home}/service.log`)}
  <key>StandardErrorPath</key>
  ${text(`${line.home}/service.log`)}
  <key>RunAtLoad</key>
  <true/>
  <key>KeepAlive</key>
  <dict>
    <key>SuccessfulExit</key>
    <false/>
  </dict>
  <key>ThrottleInterval</key>
  <integer>10</integer>
  <key>ExitTimeOut</key>
  <integer>60</integer>
  <key>Umask</key>
  <integer>63</integer>
  <key>ProcessType</key>
  <string>Background</string>
</dict>
</plist>
`
