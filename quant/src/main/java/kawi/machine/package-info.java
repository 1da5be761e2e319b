/**
 * What is reached through the foreign function interface: the operating system's memory, machine code, and what the CPU
 * can do.
 *
 * <p>It depends on the assembler, whose code asks the CPU, and knows nothing about kernels. To support another
 * operating system, extend {@link kawi.machine.OsMemory}; another CPU, {@link kawi.machine.Cpu}.
 */
@NullMarked
package kawi.machine;

import org.jspecify.annotations.NullMarked;
