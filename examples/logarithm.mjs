// logarithm.mjs: adds, for each column that is named, the natural logarithm of 1 + its value as the column NAME_log.
// A filter of a user's own in JavaScript, with the npm package apache-arrow:
//
//   load customers.csv | node logarithm.mjs months monthly_bill | show
//
// Roles and the plan are metadata of the schema and its fields: passing these on keeps them.
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Field, Float64, RecordBatch, RecordBatchReader, RecordBatchStreamWriter, Schema, Struct, makeData,
    makeVector, vectorFromArray } from 'apache-arrow';

const names = process.argv.slice(2);

function logarithm(column) {
    const out = Array.from({ length: column.length }, (_, row) => {
        const value = column.get(row);
        return value === null || Number(value) <= -1 ? null : Math.log1p(Number(value));
    });
    return vectorFromArray(out, new Float64());
}

function withLogarithms(batch) {
    const fields = [...batch.schema.fields];
    const children = [...batch.data.children];
    for (const name of names) {
        const index = batch.schema.fields.findIndex((field) => field.name === name);
        if (index < 0) throw new Error(`no column '${name}'`);
        fields.push(new Field(`${name}_log`, new Float64(), true));
        children.push(logarithm(makeVector(batch.data.children[index])).data[0]);
    }
    const schema = new Schema(fields, batch.schema.metadata, batch.schema.dictionaries);
    return new RecordBatch(schema, makeData({ type: new Struct(fields), length: batch.numRows, nullCount: 0, children }));
}

// Standard input. apache-arrow takes a stream that was cut between two batches for a whole one: the end marker tells.
async function* bytes() {
    let tail = Buffer.alloc(0);
    for await (const chunk of process.stdin) {
        tail = Buffer.concat([tail, chunk]).subarray(-8);
        yield chunk;
    }
    if (tail.toString('hex') !== 'ffffffff00000000') throw new Error('the stream ends without its end marker');
}

async function* batches() {
    const reader = await RecordBatchReader.from(bytes());
    await reader.open();
    for await (const batch of reader) yield withLogarithms(batch);
}

// Standard output is closed whole only after the last batch: an error, also one that came down the pipe, leaves the
// stream without its end marker, and no Weir program trains on half of it.
try {
    await pipeline(Readable.from(batches()), RecordBatchStreamWriter.throughNode(), process.stdout);
} catch (error) {
    console.error(`logarithm.mjs: ${error.message}`);
    process.exit(65);
}
