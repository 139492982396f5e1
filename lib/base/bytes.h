/* Bytes become numbers only here, and numbers bytes: little-endian and (in what others wrote) big-endian, at any
 * alignment. */
#ifndef WEIR_BASE_BYTES_H
#define WEIR_BASE_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint16_t weir_load_u16(const void *p)
{
    const uint8_t *b = p;
    return (uint16_t)(b[0] | b[1] << 8);
}
static inline uint32_t weir_load_u32(const void *p)
{
    const uint8_t *b = p;
    return (uint32_t)b[0] | (uint32_t)b[1] << 8 | (uint32_t)b[2] << 16 | (uint32_t)b[3] << 24;
}
static inline uint64_t weir_load_u64(const void *p)
{
    return (uint64_t)weir_load_u32(p) | (uint64_t)weir_load_u32((const uint8_t *)p + 4) << 32;
}
static inline int16_t weir_load_i16(const void *p)
{
    return (int16_t)weir_load_u16(p);
}
static inline int32_t weir_load_i32(const void *p)
{
    return (int32_t)weir_load_u32(p);
}
static inline int64_t weir_load_i64(const void *p)
{
    return (int64_t)weir_load_u64(p);
}
static inline float weir_load_f32(const void *p)
{
    uint32_t u = weir_load_u32(p);
    float f;
    memcpy(&f, &u, 4);
    return f;
}
static inline double weir_load_f64(const void *p)
{
    uint64_t u = weir_load_u64(p);
    double f;
    memcpy(&f, &u, 8);
    return f;
}
static inline uint16_t weir_load_u16_big(const void *p)
{
    const uint8_t *b = p;
    return (uint16_t)(b[0] << 8 | b[1]);
}
static inline uint32_t weir_load_u32_big(const void *p)
{
    const uint8_t *b = p;
    return (uint32_t)b[3] | (uint32_t)b[2] << 8 | (uint32_t)b[1] << 16 | (uint32_t)b[0] << 24;
}
static inline void weir_store_u16(void *p, uint16_t v)
{
    uint8_t *b = p;
    b[0] = (uint8_t)v;
    b[1] = (uint8_t)(v >> 8);
}
static inline void weir_store_u32(void *p, uint32_t v)
{
    uint8_t *b = p;
    b[0] = (uint8_t)v, b[1] = (uint8_t)(v >> 8), b[2] = (uint8_t)(v >> 16), b[3] = (uint8_t)(v >> 24);
}
static inline void weir_store_u64(void *p, uint64_t v)
{
    weir_store_u32(p, (uint32_t)v);
    weir_store_u32((uint8_t *)p + 4, (uint32_t)(v >> 32));
}

/* Bit i of a bitmap, least significant first, as Arrow lays them. */
static inline int weir_bit(const uint8_t *bits, int64_t i)
{
    return bits[i >> 3] >> (i & 7) & 1;
}
static inline void weir_bit_set(uint8_t *bits, int64_t i)
{
    bits[i >> 3] |= (uint8_t)(1u << (i & 7));
}
static inline void weir_bit_clear(uint8_t *bits, int64_t i)
{
    bits[i >> 3] &= (uint8_t) ~(1u << (i & 7));
}

#endif
