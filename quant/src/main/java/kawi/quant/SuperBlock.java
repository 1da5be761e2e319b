package kawi.quant;

/**
 * The numbers of a block of 256 weights with scales of scales, before they are packed.
 *
 * @param d the factor of all scales, an f16
 * @param dmin the factor of all minimums, an f16; 0 if the format has none
 * @param scales one per run
 * @param minimums one per run, to be subtracted; empty if the format has none
 * @param quants one per weight, not negative
 */
record SuperBlock(float d, float dmin, byte[] scales, byte[] minimums, byte[] quants) {}
