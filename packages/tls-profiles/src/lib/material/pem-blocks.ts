/** A block of PEM as it stands in a file. */
export interface PemBlock {
  readonly label: string
  readonly text: string
}

// A label is bounded, so that a search is linear in what is searched.
const boundary = /-----(BEGIN|END) ([^\r\n-]{1,64})-----/g

/** Of RFC 1421, as `DEK-Info: AES-256-CBC,…`. */
const header = /^[A-Za-z-]{1,40}: /

/**
 * The blocks of a text, in its order. RFC 7468 §2: what stands around them is explanation. One that does not end
 * before the next begins is none.
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
 * RFC 7468 §2 lets readers ignore blanks and empty lines; OpenSSL minds blanks before a line, as YAML indents, the line ends of old
 * Macs, and each line end that was doubled on its way. Only what ends the headers of an encrypted key (RFC 1421 §4.4) stays empty.
 */
function onOwnLines(block: string): string {
  const lines = block
    .split(/\r\n?|\n/)
    .map(withoutBlanks)
    .filter((line) => line !== '')
  const body = lines.findIndex((line, index) => index > 0 && !header.test(line))
  return (body > 1 ? [...lines.slice(0, body), '', ...lines.slice(body)] : lines).join('\n')
}

/** Not `trim`, which takes 0xA0 too, and no regular expression, which would take the square of a long line's time. */
function withoutBlanks(line: string): string {
  let [from, to] = [0, line.length]
  while (from < to && isBlank(line.charCodeAt(from))) from++
  while (to > from && isBlank(line.charCodeAt(to - 1))) to--
  return line.slice(from, to)
}

function isBlank(code: number): boolean {
  return code === 0x20 || code === 0x09
}
