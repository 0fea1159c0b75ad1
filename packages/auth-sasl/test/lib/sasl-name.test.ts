import { gs2HeaderOf, saslName } from '../../src/lib/sasl-name.js'

test.each([
  ['', ''],
  ['user', 'user'],
  ['a=b', 'a=3Db'],
  ['a,b', 'a=2Cb'],
  ['=,=,', '=3D=2C=3D=2C'],
  ['=2C', '=3D2C'],
])('RFC 5802 §5.1: %j is the saslname %j', (text, name) => {
  expect(saslName(text)).toBe(name)
})

test.each([
  ['', 'n,,'],
  ['admin', 'n,a=admin,'],
  ['a,b=c', 'n,a=a=2Cb=3Dc,'],
])('RFC 5801 §4: the role %j is in the header %j', (role, header) => {
  expect(gs2HeaderOf(role)).toBe(header)
})
