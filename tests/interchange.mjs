// Streams exchanged with npm's apache-arrow, for tests/interchange.bats.
//
//     node interchange.mjs write FILE    writes a stream
//     node interchange.mjs read FILE     prints each row of one as JSON; fails where the stream is broken
import { readFileSync, writeFileSync } from 'fs'
import * as A from 'apache-arrow'

const [what, file] = process.argv.slice(2)
if (what === 'write') {
    const list = new A.List(new A.Field('item', new A.Int32(), true))
    writeFileSync(file, A.tableToIPC(new A.Table({
        int32: A.vectorFromArray([1, null, 3, 4], new A.Int32()),
        utf8: A.vectorFromArray(['x', null, 'caf\u00e9', ''], new A.Utf8()),
        dictionary: A.vectorFromArray(['u', 'v', null, 'u'], new A.Dictionary(new A.Utf8(), new A.Int32())),
        float64: A.vectorFromArray([1.5, 2, null, 0], new A.Float64()),
        bool: A.vectorFromArray([true, null, false, true], new A.Bool()),
        list: A.vectorFromArray([[1, 2], null, [], [3]], list),
    }), 'stream'))
} else {
    for (const row of A.tableFromIPC(readFileSync(file)))
        console.log(JSON.stringify(row, (key, value) => typeof value === 'bigint' ? Number(value) : value))
}
