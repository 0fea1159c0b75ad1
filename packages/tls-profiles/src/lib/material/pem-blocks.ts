/** A block of PEM in a file. */
export interface PemBlock {
  readonly label: string
  readonly text: string
}

// The length of a label is bounded, so that the time of a search is linear.
const boundary = /-----(BEGIN|END) ([^\r\n-]{1,64})-----/g

/** A header of RFC 1421, such as `DEK-Info: AES-256-CBC,…`. */
const header = /^[A-Za-z-]{1,40}: /

/**
 * The blocks of a text, in their order. The text around them is explanation (RFC 7468 §2). A block that does not end
 * before the next one begins is ignored.
 */
export function pemBlocks(bytes: Buffer, labels?: readonly string[]): PemBlock[] {
  const text = bytes.toString('latin1')
  const blocks: PemBlock[] = []
  let open: { label: string; from: number } | undefined
  for (const { 0: line, 1: word, 2: label = '', index } of text.matchAll(boundary)) {
    if (word === 'BEGIN') open = { label, from: index }
    else if (open?.label === label) {
      if (!labels || labels.includes(label)) {
        blocks.push({ label, text: onOwnLines(text.slice(open.from, index + line.length)) })
      }
      open = undefined
    }
  }
  return blocks
}

/**
 * RFC 7468 §2 lets readers ignore blanks and empty lines. OpenSSL does not accept blanks before a line, as in indented
 * YAML, the line ends of old Macs, or doubled line ends. Only the line after the headers of an encrypted key (RFC 1421
 * §4.4) stays empty.
 */
function onOwnLines(block: string): string {
  const lines = block
    .split(/\r\n?|\n/)
    .map(withoutBlanks)
    .filter((line) => line !== '')
  const body = lines.findIndex((line, index) => index > 0 && !header.test(line))
  return (body > 1 ? [...lines.slice(0, body), '', ...lines.slice(body)] : lines).join('\n')
}

/**
 * Not `trim`, which also removes 0xA0, and not a regular expression, whose time would grow with the square of a long
 * line.
 */
function withoutBlanks(line: string): string {
  let [from, to] = [0, line.length]
  while (from < to && isBlank(line.charCodeAt(from))) from++
  while (to > from && isBlank(line.charCodeAt(to - 1))) to--
  return line.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
