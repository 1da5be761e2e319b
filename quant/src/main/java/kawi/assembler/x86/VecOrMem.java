package kawi.assembler.x86;

/** The operand of a vector instruction that may be a register or in memory. */
public sealed interface VecOrMem permits Vec, Mem {}
