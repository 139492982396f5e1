// Streams exchanged with npm's apache-arrow, for tests/interchange.bats.
//
//     node interchange.mjs write FOLDER    what it writes: NAME.arrows
//     node interchange.mjs read FILE       prints each row of one as JSON; fails where the stream is broken
import { readFileSync, writeFileSync } from 'fs'
import * as A from 'apache-arrow'

const every = {
    int: [1, null, 3, 100],
    big: [1n, null, -3n, 2n ** 62n],
    ticks: [1n, null, 0n, 86399999999n],
    natural: [1n, null, 3n, 2n ** 64n - 1n],
    real: [1.5, null, -2, 0.25],
    text: ['x', null, 'caf\u00e9 \u6f22\u5b57', ''],
    bytes: [Uint8Array.of(1, 255, 0), null, new Uint8Array(0), Uint8Array.of(7)],
    moment: [new Date(0), null, new Date(86400000), new Date(-86400000)],
}
function types() {
    const item = type => new A.Field('item', type, true)
    const table = {}
    for (const name of ['Int8', 'Int16', 'Int32', 'Uint8', 'Uint16', 'Uint32', 'TimeSecond', 'TimeMillisecond'])
        table[name] = A.vectorFromArray(every.int, new A[name]())
    for (const name of ['TimeMicrosecond', 'TimeNanosecond'])
        table[name] = A.vectorFromArray(every.ticks, new A[name]())
    for (const name of ['Int64', 'DurationSecond', 'DurationMillisecond',
        'DurationMicrosecond', 'DurationNanosecond'])
        table[name] = A.vectorFromArray(every.big, new A[name]())
    for (const name of ['Float16', 'Float32', 'Float64'])
        table[name] = A.vectorFromArray(every.real, new A[name]())
    for (const name of ['DateDay', 'DateMillisecond', 'TimestampSecond', 'TimestampMillisecond'])
        table[name] = A.vectorFromArray(every.moment, new A[name]())
    table.zoned = A.vectorFromArray(every.moment, new A.TimestampMicrosecond('Europe/Berlin'))
    table.Uint64 = A.vectorFromArray(every.natural, new A.Uint64())
    table.Bool = A.vectorFromArray([true, null, false, true], new A.Bool())
    table.Null = A.vectorFromArray([null, null, null, null], new A.Null())
    for (const name of ['Utf8', 'LargeUtf8'])
        table[name] = A.vectorFromArray(every.text, new A[name]())
    for (const name of ['Binary', 'LargeBinary'])
        table[name] = A.vectorFromArray(every.bytes, new A[name]())
    table.FixedSizeBinary = A.vectorFromArray([Uint8Array.of(1, 2), null, Uint8Array.of(0, 0), Uint8Array.of(9, 8)],
        new A.FixedSizeBinary(2))
    table.List = A.vectorFromArray([[1, 2], null, [], [3]], new A.List(item(new A.Int32())))
    table.lists = A.vectorFromArray([[['a'], null], null, [], [[], ['b', null]]],
        new A.List(item(new A.List(item(new A.Utf8())))))
    table.FixedSizeList = A.vectorFromArray([[1, 2], null, [null, 4], [5, 6]], new A.FixedSizeList(2, item(new A.Float64())))
    table.Struct = A.vectorFromArray([{ a: 1, b: 'x' }, null, { a: null, b: 'y' }, { a: 4, b: null }],
        new A.Struct([new A.Field('a', new A.Int16(), true), new A.Field('b', new A.Utf8(), true)]))
    for (const name of ['Int8', 'Int16', 'Int32', 'Uint8', 'Uint16', 'Uint32'])
        table['codes' + name] = A.vectorFromArray(['u', 'v', null, 'u'], new A.Dictionary(new A.Utf8(), new A[name]()))
    table.numbers = A.vectorFromArray([10, 20, null, 10], new A.Dictionary(new A.Int32(), new A.Int32()))
    return new A.Table(table)
}

const [what, place] = process.argv.slice(2)
const put = (name, table, form) => writeFileSync(`${place}/${name}.arrows`, A.tableToIPC(table, form))
if (what === 'write') {
    const whole = types()
    put('whole', whole, 'stream')
    put('file', whole, 'file')
    put('sliced', whole.slice(1, 3), 'stream')
    put('twice', whole.concat(whole), 'stream')
    put('no_rows', whole.slice(0, 0), 'stream')
    put('no_columns', new A.Table({}), 'stream')
} else {
    const table = A.tableFromIPC(readFileSync(place))
    const number = value => Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
    const plain = (key, value) => typeof value === 'bigint' ? number(value) : value
    for (const row of table)
        console.log(JSON.stringify(row, plain))
}
