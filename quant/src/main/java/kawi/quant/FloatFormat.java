package kawi.quant;

/** A format whose weights are floating-point numbers of 16 or 32 bits; every one of them is exact in f32. */
public non-sealed interface FloatFormat extends WeightFormat {}
