/**
 * Access to the operating system through the foreign function interface: its memory, and calls of machine code.
 *
 * <p>This package depends on no other package of the project, and on neither CPUs nor kernels: code is passed as bytes.
 * To support another operating system, extend {@link kawi.machine.OsMemory}.
 */
@NullMarked
package kawi.machine;

import org.jspecify.annotations.NullMarked;
