/* The numbers of Arrow's metadata: which slot of which table holds what (Message.fbs and Schema.fbs of the format). */
#ifndef WEIR_STREAM_ARROW_H
#define WEIR_STREAM_ARROW_H

enum { ARROW_V4 = 3, ARROW_V5 = 4 }; /* metadata versions that are read; V5 is written */

/* Message */
enum { MESSAGE_VERSION, MESSAGE_HEADER_TYPE, MESSAGE_HEADER, MESSAGE_BODY_LENGTH, MESSAGE_METADATA, MESSAGE_SLOTS };
/* KeyValue */
enum { PAIR_KEY, PAIR_VALUE, PAIR_SLOTS };
/* Schema */
enum { SCHEMA_ENDIANNESS, SCHEMA_FIELDS, SCHEMA_METADATA, SCHEMA_SLOTS };
/* Field */
enum {
    FIELD_NAME,
    FIELD_NULLABLE,
    FIELD_TYPE_TYPE,
    FIELD_TYPE,
    FIELD_DICTIONARY,
    FIELD_CHILDREN,
    FIELD_METADATA,
    FIELD_SLOTS
};
/* DictionaryEncoding */
enum { ENCODING_ID, ENCODING_INDEX_TYPE, ENCODING_ORDERED, ENCODING_SLOTS };
/* RecordBatch, its FieldNode and Buffer being pairs of int64 */
enum { BATCH_LENGTH, BATCH_NODES, BATCH_BUFFERS, BATCH_COMPRESSION, BATCH_VARIADIC_COUNTS, BATCH_SLOTS };
/* BodyCompression */
enum { COMPRESSION_CODEC, COMPRESSION_METHOD, COMPRESSION_SLOTS };
enum { CODEC_NONE = -1, CODEC_LZ4_FRAME = 0, CODEC_ZSTD = 1 };
/* DictionaryBatch */
enum { DICTIONARY_ID, DICTIONARY_DATA, DICTIONARY_DELTA, DICTIONARY_SLOTS };

/* The union of types, with the slots of each one's table. */
enum arrow_type {
    ARROW_NULL = 1,
    ARROW_INT,   /* bits int32, signed bool */
    ARROW_FLOAT, /* precision int16: half, single, double */
    ARROW_BINARY,
    ARROW_UTF8,
    ARROW_BOOL,
    ARROW_DECIMAL,
    ARROW_DATE,      /* unit int16: day, millisecond (the default) */
    ARROW_TIME,      /* unit int16 (default millisecond), bits int32 (default 32) */
    ARROW_TIMESTAMP, /* unit int16, zone text */
    ARROW_INTERVAL,
    ARROW_LIST,
    ARROW_STRUCT,
    ARROW_UNION,
    ARROW_FIXED_BINARY, /* width int32 */
    ARROW_FIXED_LIST,   /* size int32 */
    ARROW_MAP,
    ARROW_DURATION, /* unit int16 (default millisecond) */
    ARROW_LARGE_BINARY,
    ARROW_LARGE_UTF8,
    ARROW_LARGE_LIST,
    ARROW_RUN_END_ENCODED,
    ARROW_BINARY_VIEW,
    ARROW_UTF8_VIEW,
    ARROW_LIST_VIEW,
    ARROW_LARGE_LIST_VIEW,
    ARROW_TYPE_COUNT
};

#endif
