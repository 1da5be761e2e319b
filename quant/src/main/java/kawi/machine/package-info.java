/** What is reached through the foreign function interface: the operating system's memory, machine code, and what the CPU can do. */
@NullMarked
package kawi.machine;

import org.jspecify.annotations.NullMarked;
