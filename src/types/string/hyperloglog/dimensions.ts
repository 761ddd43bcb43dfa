/** How large HyperLogLogs are in Redis. */

/** Bits of the hash that choose a register. */
export const INDEX_BITS = 14;
export const REGISTERS = 1 << INDEX_BITS;
/** A register has 6 bits. */
export const MAX_RANK = 63;

/** Bytes of the registers in the dense form: four registers in three bytes, the lowest bits first. */
export const PACKED_SIZE = (REGISTERS * 6) / 8;

/** Up to this rank a sum of all 2 ** -rank is exact: 14 bits before the point and 38 after it. */
export const MAX_EXACT_RANK = 38;

/** The hash is MurmurHash64A with this seed and multiplier, here as two halves of 32 bits. */
export const SEED = 0xadc8_3b19;
export const MULTIPLIER_HIGH = 0xc6a4_a793;
export const MULTIPLIER_LOW = 0x5bd1_e995;
