/** What is left of a program's output when it is read as a text? Terminal sequences and overwritten lines are taken out; nothing is interpreted. */

// CSI, OSC (ended by BEL or ST), other escapes: ECMA-48
const sequences =
  /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[PX^_][^\u001b]*(?:\u001b\\)?|[ -/]*[0-~])|\u009b[0-?]*[ -/]*[@-~]/g

/** The text without terminal control; line ends are \n. Of a line that was written over, what was written last stays. */
export const plainText = (output: string): string =>
  output
    .replace(sequences, '')
    .replaceAll('\r\n', '\n')
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1))
    .join('\n')
    .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, '')
