/** How does the sample agent read and change code? By patterns that fit one real kind of bug: a total whose parts are each rounded. */

/** What the tests said. */
export type TestsSeen = {
  readonly passed: number
  readonly failed: number
  readonly failing: string | null
  readonly file: string | null
  readonly expected: string | null
  readonly actual: string | null
}

/** Reads the output of `node --test`, in either of its forms. */
export const readTests = (output: string): TestsSeen => ({
  passed: Number(/^(?:#|ℹ) pass (\d+)/m.exec(output)?.[1] ?? 0),
  failed: Number(/^(?:#|ℹ) fail (\d+)/m.exec(output)?.[1] ?? 0),
  failing:
    /^\s*(?:not ok \d+ - |✖ )(?!failing tests)(.+?)(?: \([\d.]+ms\))?$/m.exec(
      output.replace(/^not ok \d+ - \S*\.test\.\w+$/gm, ''),
    )?.[1] ?? null,
  file: /([\w/.-]*test\/[\w.-]+\.m?js)(?::\d+)?/.exec(output)?.[1] ?? null,
  expected: /^\s*expected: (.+?),?$/m.exec(output)?.[1] ?? null,
  actual: /^\s*actual: (.+?),?$/m.exec(output)?.[1] ?? null,
})

/** The file under test, as a test file imports it: relative to the repository. */
export const importedFile = (testPath: string, testCode: string): string | null => {
  const from = /from ['"](\.{1,2}\/[^'"]+)['"]/.exec(testCode)?.[1]
  if (!from) return null
  const folders = testPath.split('/').slice(0, -1)
  for (const part of from.split('/')) {
    if (part === '..') folders.pop()
    else if (part !== '.') folders.push(part)
  }
  return folders.join('/')
}

export type Bug = {
  readonly name: string
  readonly line: number
  readonly sum: string
  readonly unit: string
  readonly quantity: string
  readonly rounded: string
}

const roundedPart = /^(\s*)(\w+) \+= Math\.round\((.+)\) \* (\w+)$/m

/** The function whose parts are rounded each by itself, or null. */
export const findBug = (code: string): Bug | null => {
  const hit = roundedPart.exec(code)
  const unit = /\b([a-z]\w*)\b/i.exec(hit?.[3] ?? '')?.[1]
  if (!hit || !unit) return null
  const above = code.slice(0, hit.index)
  return {
    name: /function (\w+)/.exec(above)?.[1] ?? 'the function',
    line: above.split('\n').length,
    sum: hit[2] ?? '',
    unit,
    quantity: hit[4] ?? '',
    rounded: hit[3] ?? '',
  }
}

/** The code with the sum kept exact and rounded once at its end. */
export const fixBug = (code: string, bug: Bug): string =>
  code
    .replace(roundedPart, `$1${bug.sum} += ${bug.unit} * ${bug.quantity}`)
    .replace(
      new RegExp(`return ${bug.sum}$`, 'm'),
      `return Math.round(${bug.rounded.replace(new RegExp(`\\b${bug.unit}\\b`), bug.sum)})`,
    )

/** A mend that looks right and is not: rounds down instead. */
export const fixWrongly = (code: string): string => code.replace('Math.round(', 'Math.floor(')

/** A test more, for orders that a reviewer may think of. `n`: how many such tests there are already. */
export const anotherTest = (call: string, n: number): string => {
  const cases = [
    { items: '[{ cents: 5, quantity: 25 }]', percent: 10, total: 113 },
    { items: '[{ cents: 199, quantity: 7 }, { cents: 1, quantity: 1 }]', percent: 15, total: 1_185 },
    { items: '[{ cents: 333, quantity: 1 }, { cents: 333, quantity: 2 }]', percent: 33, total: 669 },
  ]
  const one = cases[n % cases.length] ?? { items: '[]', percent: 0, total: 0 }
  return `\ntest('asked for in review: order ${n + 1} is rounded once', () => {\n  assert.equal(${call}(${one.items}, ${one.percent}), ${one.total})\n})\n`
}
