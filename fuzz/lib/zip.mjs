/**
 * A .zip whose entries are alternately stored and deflated. The checksums stay zero, because the reader does not check
 * them.
 */
import { deflateRawSync } from 'node:zlib'

/** @param {Record<string, Buffer>} files @returns {Buffer} */
export function zipOf(files) {
  /** @type {Buffer[]} */
  const entries = []
  /** @type {Buffer[]} */
  const directory = []
  let offset = 0
  for (const [index, [name, content]] of Object.entries(files).entries()) {
    const method = index % 2 === 0 ? 0 : 8
    const data = method === 0 ? content : deflateRawSync(content)
    const fields = Buffer.alloc(26)
    fields.writeUInt16LE(20, 0)
    fields.writeUInt16LE(method, 4)
    fields.writeUInt32LE(data.length, 14)
    fields.writeUInt32LE(content.length, 18)
    fields.writeUInt16LE(name.length, 22)
    const entry = Buffer.concat([Buffer.from('PK\x03\x04'), fields, Buffer.from(name), data])
    const tail = Buffer.alloc(14)
    tail.writeUInt32LE(offset, 10)
    directory.push(
      Buffer.concat([Buffer.from('PK\x01\x02\x14\0', 'latin1'), fields, tail, Buffer.from(name)]),
    )
    entries.push(entry)
    offset += entry.length
  }
  const list = Buffer.concat(directory)
  const end = Buffer.alloc(22)
  end.write('PK\x05\x06', 'latin1')
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(list.length, 12)
  end.writeUInt32LE(offset, 16)
  return Buffer.concat([...entries, list, end])
}
